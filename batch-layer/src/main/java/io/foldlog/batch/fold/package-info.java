/** Folds the archived events into the state of each user. */
package io.foldlog.batch.fold;
