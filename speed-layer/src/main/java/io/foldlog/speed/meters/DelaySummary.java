package io.foldlog.speed.meters;

/**
 * What many delays look like.
 *
 * @param count how many; the percentiles of none are 0
 * @param p50Millis half of them took no longer
 * @param p99Millis all but one in a hundred took no longer
 */
public record DelaySummary(long count, long p50Millis, long p99Millis) {

  /** Of the counts by {@link DelayHistogram} bucket. */
  static DelaySummary of(long[] counts) {
    long count = 0;
    for (long inBucket : counts) {
      count += inBucket;
    }
    return new DelaySummary(count, percentile(counts, count, 50), percentile(counts, count, 99));
  }

  private static long percentile(long[] counts, long count, int percent) {
    long rank = (count * percent + 99) / 100;
    long seen = 0;
    for (int bucket = 0; bucket < counts.length && count > 0; bucket++) {
      seen += counts[bucket];
      if (seen >= rank) {
        return DelayHistogram.upperMillis(bucket);
      }
    }
    return 0;
  }
}
