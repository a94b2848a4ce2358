package io.foldlog.speed.meters;

import org.HdrHistogram.Histogram;

/**
 * Count and percentiles of delays.
 *
 * @param count number of delays; without delays, the percentiles are 0
 * @param p50Millis 50th percentile, within 1 %
 * @param p99Millis 99th percentile, within 1 %
 */
public record DelaySummary(long count, long p50Millis, long p99Millis) {

  static DelaySummary of(Histogram delays) {
    return new DelaySummary(
        delays.getTotalCount(), delays.getValueAtPercentile(50), delays.getValueAtPercentile(99));
  }
}
