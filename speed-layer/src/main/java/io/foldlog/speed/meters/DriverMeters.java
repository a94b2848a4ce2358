package io.foldlog.speed.meters;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** The reports of all executors of one query added up; safe for use by many threads. */
public final class DriverMeters {

  private static final long MINUTE_NANOS = TimeUnit.MINUTES.toNanos(1);

  private record Timed(long nanos, MeterReport report) {}

  private final Histogram run = ExecutorMeters.newHistogram();
  private final Deque<Timed> lastMinute = new ArrayDeque<>();
  private long in;
  private long written;
  private long rejected;
  private long retried;
  private long unknownMembers;

  /**
   * The sums since the start.
   *
   * @param in records read
   * @param written events acknowledged by the view's database
   * @param rejected records that became dead letters
   * @param retried writes that were tried once more
   * @param unknownMembers members of events that this version does not know
   * @param run log-to-view delays since the start: record timestamp to acknowledgement
   * @param lastMinute the same, of the last minute
   */
  public record Snapshot(
      long in,
      long written,
      long rejected,
      long retried,
      long unknownMembers,
      DelaySummary run,
      DelaySummary lastMinute) {}

  /** Adds a report that has just come. */
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
    lastMinute.addLast(new Timed(nanos, report));
    forget(nanos);
  }

  private void forget(long nanos) {
    while (!lastMinute.isEmpty() && nanos - lastMinute.getFirst().nanos() > MINUTE_NANOS) {
      lastMinute.removeFirst();
    }
  }

  /** As it is now; executors report once a second. */
  public Snapshot snapshot() {
    return snapshot(System.nanoTime());
  }

  synchronized Snapshot snapshot(long nanos) {
    forget(nanos);
    Histogram recent = ExecutorMeters.newHistogram();
    lastMinute.forEach(timed -> recent.add(timed.report().delays()));
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
