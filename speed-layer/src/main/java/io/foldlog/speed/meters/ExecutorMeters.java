package io.foldlog.speed.meters;

import io.foldlog.view.WriteListener;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * What the tasks of one query count in one JVM; safe for use by many threads, and cheap for each
 * record.
 */
public final class ExecutorMeters implements WriteListener {

  /** Significant digits: exact below 256 ms, within 1 % above. */
  private static final int DELAY_DIGITS = 2;

  private final String query;
  private final LongAdder in = new LongAdder();
  private final LongAdder written = new LongAdder();
  private final LongAdder rejected = new LongAdder();
  private final LongAdder retried = new LongAdder();
  private final LongAdder unknownMembers = new LongAdder();
  private final Recorder delays = new Recorder(DELAY_DIGITS);

  private final Histogram reportedDelays = newHistogram();
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
    delays.recordValue(Math.max(0, System.currentTimeMillis() - recordTimestampMillis));
  }

  @Override
  public void retried() {
    retried.increment();
  }

  /** What happened since the last report. */
  public synchronized MeterReport report() {
    Histogram newDelays = newHistogram();
    newDelays.add(delays.getIntervalHistogram());
    reportedDelays.add(newDelays);
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
            newDelays);
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

  /** The delays of all reports so far. */
  synchronized void addReportedDelaysTo(Histogram sum) {
    sum.add(reportedDelays);
  }

  /** One that grows with the largest delay, and can be added to others like it. */
  static Histogram newHistogram() {
    return new Histogram(DELAY_DIGITS);
  }
}
