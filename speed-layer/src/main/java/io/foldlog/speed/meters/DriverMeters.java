package io.foldlog.speed.meters;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** The sums of the meter reports of all executors of one query. Thread-safe. */
public final class DriverMeters {

  private static final long MINUTE_NANOS = TimeUnit.MINUTES.toNanos(1);

  private record TimedReport(long nanos, MeterReport report) {}

  private final Histogram run = ExecutorMeters.newHistogram();
  private final Deque<TimedReport> lastMinute = new ArrayDeque<>();
  private long in;
  private long written;
  private long rejected;
  private long retried;
  private long unknownMembers;

  /**
   * The sums since the start.
   *
   * @param in records read
   * @param written events that Cassandra has acknowledged
   * @param rejected records that became dead letters
   * @param retried number of write retries
   * @param unknownMembers unknown members of events
   * @param run log-to-view delays since the start: record timestamp to acknowledgement
   * @param lastMinute log-to-view delays of the last minute
   */
  public record Snapshot(
      long in,
      long written,
      long rejected,
      long retried,
      long unknownMembers,
      DelaySummary run,
      DelaySummary lastMinute) {}

  /** Adds a report that was received now. */
  public void add(MeterReport report) {
    add(report, System.nanoTime());
  }

  synchronized void add(MeterReport report, long nanos) {
    in += report.in();
    written += report.written();
    rejected += report.rejected();
    retried += report.retried();
    unknownMembers += report.unknownMembers();
    run.add(report.delays());
    lastMinute.addLast(new TimedReport(nanos, report));
    removeOld(nanos);
  }

  private void removeOld(long nanos) {
    while (!lastMinute.isEmpty() && nanos - lastMinute.getFirst().nanos() > MINUTE_NANOS) {
      lastMinute.removeFirst();
    }
  }

  /** The current sums. Executors report once a second. */
  public Snapshot snapshot() {
    return snapshot(System.nanoTime());
  }

  synchronized Snapshot snapshot(long nanos) {
    removeOld(nanos);
    Histogram recent = ExecutorMeters.newHistogram();
    lastMinute.forEach(each -> recent.add(each.report().delays()));
    return new Snapshot(
        in,
        written,
        rejected,
        retried,
        unknownMembers,
        DelaySummary.of(run),
        DelaySummary.of(recent));
  }
}
