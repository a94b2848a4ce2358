/** Counters and delays of the speed layer's executors, and their sums on the driver. */
package io.foldlog.speed.meters;
