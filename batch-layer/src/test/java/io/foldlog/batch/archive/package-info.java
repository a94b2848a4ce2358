/** Tests of the archive step. */
package io.foldlog.batch.archive;
