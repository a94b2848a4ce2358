/** The error messages of the module, in a package that all its others may use. */
package io.foldlog.admin.errors;
