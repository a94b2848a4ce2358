/**
 * The streaming sink of both triggers: decodes records, writes events to the view, keeps
 * rejections.
 */
package io.foldlog.speed.sink;
