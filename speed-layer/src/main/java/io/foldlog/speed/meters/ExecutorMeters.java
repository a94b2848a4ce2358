package io.foldlog.speed.meters;

import io.foldlog.view.WriteListener;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * The counters of the tasks of one query in one JVM. Thread-safe, with little overhead per record.
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
   * Creates meters with all counters at 0.
   *
   * @param query id of the query, for the reports
   */
  public ExecutorMeters(String query) {
    this.query = query;
  }

  /** Counts a record that was read. */
  public void read() {
    in.increment();
  }

  /** Counts durable dead letters. */
  public void rejected(long records) {
    rejected.add(records);
  }

  /** Counts unknown members of an event. */
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

  /** The counts since the last report. */
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

  /** Adds the delays of all reports since the start. */
  synchronized void addReportedDelaysTo(Histogram sum) {
    sum.add(reportedDelays);
  }

  /** A histogram that grows with its values and can be added to other histograms. */
  static Histogram newHistogram() {
    return new Histogram(DELAY_DIGITS);
  }
}
