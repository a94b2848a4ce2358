/** The Delta tables of the lake: where they are, their names and columns; plain Java. */
package io.foldlog.lake;
