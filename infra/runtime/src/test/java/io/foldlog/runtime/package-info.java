/** Tests of what all applications share. */
package io.foldlog.runtime;
