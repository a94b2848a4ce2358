/**
 * The error messages of this module, in a package that all other packages of the module may use.
 */
package io.foldlog.admin.errors;
