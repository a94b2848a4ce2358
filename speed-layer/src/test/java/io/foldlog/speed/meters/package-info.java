/** Counting and measuring. */
package io.foldlog.speed.meters;
