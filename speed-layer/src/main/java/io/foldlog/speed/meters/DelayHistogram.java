package io.foldlog.speed.meters;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts delays by size, so that histograms of many executors and seconds can be added up. Exact
 * below 128 ms, within 1.6 % above; a negative delay counts as 0. Safe for use by many threads.
 */
public final class DelayHistogram {

  private static final int EXACT = 128;
  private static final int EXACT_BITS = 7;
  private static final int STEP_BITS = 6;
  private static final int STEPS = 1 << STEP_BITS;

  /** Delays from 2^40 ms on (35 years) share the last bucket. */
  private static final int LARGEST_BITS = 40;

  static final int BUCKETS = EXACT + (LARGEST_BITS - EXACT_BITS) * STEPS;

  private final AtomicLongArray counts = new AtomicLongArray(BUCKETS);

  /** Counts one delay, in ms. */
  public void record(long millis) {
    counts.incrementAndGet(bucket(millis));
  }

  /** Adds to one bucket what another histogram counted there. */
  public void add(int bucket, long count) {
    counts.addAndGet(bucket, count);
  }

  /** How many delays fell into the bucket. */
  public long count(int bucket) {
    return counts.get(bucket);
  }

  static int bucket(long millis) {
    if (millis < EXACT) {
      return (int) Math.max(0, millis);
    }
    int bits = Long.SIZE - 1 - Long.numberOfLeadingZeros(millis);
    if (bits >= LARGEST_BITS) {
      return BUCKETS - 1;
    }
    int step = (int) (millis >>> (bits - STEP_BITS)) & (STEPS - 1);
    return EXACT + (bits - EXACT_BITS) * STEPS + step;
  }

  /** The largest delay of the bucket, in ms. */
  static long upperMillis(int bucket) {
    if (bucket < EXACT) {
      return bucket;
    }
    int shift = (bucket - EXACT) / STEPS + EXACT_BITS - STEP_BITS;
    long step = STEPS + (bucket - EXACT) % STEPS;
    return ((step + 1) << shift) - 1;
  }

  /** Count and percentiles as they are now. */
  public DelaySummary summary() {
    long[] copy = new long[BUCKETS];
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
      copy[bucket] = counts.get(bucket);
    }
    return DelaySummary.of(copy);
  }
}
