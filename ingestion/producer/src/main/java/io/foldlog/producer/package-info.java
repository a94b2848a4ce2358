/** User sources and the producer application, which records their events in the log. */
package io.foldlog.producer;
