/** Judges whether the view equals the fold of the log, by reading both itself. */
package io.foldlog.admin.verify;
