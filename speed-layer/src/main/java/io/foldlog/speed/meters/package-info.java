/** What the speed layer counts and measures on its executors, and how it reaches the driver. */
package io.foldlog.speed.meters;
