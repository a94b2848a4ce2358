/**
 * The speed layer's main: starts the streaming query, guards its checkpoint and log, and ends it.
 */
package io.foldlog.speed;
