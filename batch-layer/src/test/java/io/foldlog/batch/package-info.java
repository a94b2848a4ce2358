/** Tests of the batch layer. */
package io.foldlog.batch;
