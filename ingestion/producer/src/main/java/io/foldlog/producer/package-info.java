/** User sources and the application that records their events in the log. */
package io.foldlog.producer;
