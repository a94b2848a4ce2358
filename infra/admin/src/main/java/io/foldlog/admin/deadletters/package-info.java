/** What an operator does with the records that are no events: count, list, show, replay. */
package io.foldlog.admin.deadletters;
