/** The Delta tables under the lake root: schemas, commits and the lease. */
package io.foldlog.batch.lake;
