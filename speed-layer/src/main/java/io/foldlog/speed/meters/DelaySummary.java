package io.foldlog.speed.meters;

import org.HdrHistogram.Histogram;

/**
 * Count and percentiles of delays.
 *
 * @param count how many; the percentiles of none are 0
 * @param p50Millis half of them took no longer, within 1 %
 * @param p99Millis all but one in a hundred took no longer, within 1 %
 */
public record DelaySummary(long count, long p50Millis, long p99Millis) {

  static DelaySummary of(Histogram delays) {
    return new DelaySummary(
        delays.getTotalCount(), delays.getValueAtPercentile(50), delays.getValueAtPercentile(99));
  }
}
