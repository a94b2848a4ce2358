/**
 * The application of the speed layer: starts and stops the streaming query, and checks its
 * checkpoint and log.
 */
package io.foldlog.speed;
