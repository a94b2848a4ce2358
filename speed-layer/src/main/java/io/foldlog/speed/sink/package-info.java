/**
 * The streaming sink of both triggers: decodes records, writes events to the view, and writes
 * rejected records as dead letters.
 */
package io.foldlog.speed.sink;
