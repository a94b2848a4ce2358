/** Checks that the view equals the fold of the log. Reads both itself, without the layers. */
package io.foldlog.admin.verify;
