/** The messages of the batch layer's failures, in one catalogue. */
package io.foldlog.batch.errors;
