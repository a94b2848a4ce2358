package io.foldlog.speed.meters;

import io.foldlog.view.WriteListener;
import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;

/**
 * What the tasks of one query count in one JVM; safe for use by many threads, and cheap for each
 * record.
 */
public final class ExecutorMeters implements WriteListener {

  private final String query;
  private final LongAdder in = new LongAdder();
  private final LongAdder written = new LongAdder();
  private final LongAdder rejected = new LongAdder();
  private final LongAdder retried = new LongAdder();
  private final LongAdder unknownMembers = new LongAdder();
  private final DelayHistogram delays = new DelayHistogram();

  private final long[] reported = new long[DelayHistogram.BUCKETS];
  private long reportedIn;
  private long reportedWritten;
  private long reportedRejected;
  private long reportedRetried;
  private long reportedUnknownMembers;

  /**
   * Meters that have counted nothing.
   *
   * @param query its id, for the reports
   */
  public ExecutorMeters(String query) {
    this.query = query;
  }

  /** A record was read. */
  public void read() {
    in.increment();
  }

  /** A record became a dead letter; it counts when it is durable. */
  public void rejected(long records) {
    rejected.add(records);
  }

  /** An event held members that this version does not know. */
  public void unknownMembers(int members) {
    unknownMembers.add(members);
  }

  @Override
  public void acknowledged(long recordTimestampMillis) {
    written.increment();
    delays.record(System.currentTimeMillis() - recordTimestampMillis);
  }

  @Override
  public void retried() {
    retried.increment();
  }

  /** What happened since the last report. */
  public synchronized MeterReport report() {
    int changed = 0;
    int[] buckets = new int[DelayHistogram.BUCKETS];
    long[] counts = new long[DelayHistogram.BUCKETS];
    for (int bucket = 0; bucket < DelayHistogram.BUCKETS; bucket++) {
      long count = delays.count(bucket);
      if (count != reported[bucket]) {
        buckets[changed] = bucket;
        counts[changed] = count - reported[bucket];
        changed++;
        reported[bucket] = count;
      }
    }
    long nowIn = in.sum();
    long nowWritten = written.sum();
    long nowRejected = rejected.sum();
    long nowRetried = retried.sum();
    long nowUnknownMembers = unknownMembers.sum();
    MeterReport report =
        new MeterReport(
            query,
            nowIn - reportedIn,
            nowWritten - reportedWritten,
            nowRejected - reportedRejected,
            nowRetried - reportedRetried,
            nowUnknownMembers - reportedUnknownMembers,
            Arrays.copyOf(buckets, changed),
            Arrays.copyOf(counts, changed));
    reportedIn = nowIn;
    reportedWritten = nowWritten;
    reportedRejected = nowRejected;
    reportedRetried = nowRetried;
    reportedUnknownMembers = nowUnknownMembers;
    return report;
  }

  long in() {
    return in.sum();
  }

  long written() {
    return written.sum();
  }

  long rejectedRecords() {
    return rejected.sum();
  }

  long retriedWrites() {
    return retried.sum();
  }

  long unknownMembers() {
    return unknownMembers.sum();
  }

  void addDelaysTo(DelayHistogram sum) {
    for (int bucket = 0; bucket < DelayHistogram.BUCKETS; bucket++) {
      sum.add(bucket, delays.count(bucket));
    }
  }
}
