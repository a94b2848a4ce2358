package io.foldlog.producer;

import io.foldlog.application.StopSignal;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Moves events from a source to the log at a pace, until a limit, the source's end or a stop. */
record ProducerRun(
    UserSource source, LogProducer producer, Pace pace, Limits limits, StopSignal stop) {

  private static final Logger LOG = LoggerFactory.getLogger(ProducerRun.class);
  private static final Duration BETWEEN_REPORTS = Duration.ofSeconds(10);

  /**
   * How long a run may be.
   *
   * @param count how many events at most
   * @param duration how long at most
   */
  record Limits(long count, Duration duration) {

    static final long NO_COUNT = Long.MAX_VALUE;
    static final Duration NO_DURATION = Duration.ofDays(100 * 365);

    Limits {
      Objects.requireNonNull(duration);
    }
  }

  /** Why a run ended without a failure. */
  enum End {
    COUNT,
    DURATION,
    SOURCE_EXHAUSTED,
    STOPPED
  }

  /**
   * Runs to the end; what was sent may still be on its way.
   *
   * @throws io.foldlog.contract.PipelineException when the source or the log failed
   */
  End run() throws InterruptedException {
    long start = System.nanoTime();
    long nextReport = start + BETWEEN_REPORTS.toNanos();
    long sent = 0;
    while (sent < limits.count()) {
      if (stop.requested()) {
        return End.STOPPED;
      }
      long now = System.nanoTime();
      long left = limits.duration().toNanos() - (now - start);
      if (left <= 0) {
        return End.DURATION;
      }
      if (now - nextReport >= 0) {
        LOG.info("sent={} acknowledged={}", sent, producer.acknowledgedSoFar());
        nextReport = now + BETWEEN_REPORTS.toNanos();
      }
      long wait = pace.nanosUntilNext(now);
      if (wait > 0) {
        stop.await(Duration.ofNanos(Math.min(wait, Math.min(left, nextReport - now))));
        continue;
      }
      Optional<OutgoingEvent> next = source.next();
      if (next.isEmpty()) {
        return stop.requested() ? End.STOPPED : End.SOURCE_EXHAUSTED;
      }
      if (!producer.send(next.get())) {
        return End.STOPPED;
      }
      pace.sent(System.nanoTime());
      sent++;
    }
    return End.COUNT;
  }
}
