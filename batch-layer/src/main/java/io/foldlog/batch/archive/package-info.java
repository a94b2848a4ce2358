/** Copies the log into the lake, each record once and as it was. */
package io.foldlog.batch.archive;
