/** The table that users query: its CQL, its one writer and its reader. */
package io.foldlog.view;
