/** The archive step: appends the log to the lake, each record once and unchanged. */
package io.foldlog.batch.archive;
