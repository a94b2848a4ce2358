/** Compares the view with the fold of the log, and repairs what the log does not explain. */
package io.foldlog.batch.reconcile;
