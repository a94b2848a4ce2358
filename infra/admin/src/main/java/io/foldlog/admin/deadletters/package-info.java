/** The commands for rejected records: count, list, show, replay. */
package io.foldlog.admin.deadletters;
