/** Tests of the lake's tables. */
package io.foldlog.batch.lake;
