/** The Delta tables of the lake: location, names and columns, in plain Java. */
package io.foldlog.lake;
