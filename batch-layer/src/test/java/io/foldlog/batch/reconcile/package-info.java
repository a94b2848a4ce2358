/** Tests of the comparison and of the reconcile. */
package io.foldlog.batch.reconcile;
