/** The view: its table, CQL, writer and reader. */
package io.foldlog.view;
