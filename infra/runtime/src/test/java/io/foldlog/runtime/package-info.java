/** Tests of what every main shares. */
package io.foldlog.runtime;
