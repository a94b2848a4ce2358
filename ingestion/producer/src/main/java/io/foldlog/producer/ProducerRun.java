package io.foldlog.producer;

import io.foldlog.runtime.StopSignal;
import io.foldlog.contract.PipelineException;
import io.foldlog.producer.ProducerResult.End;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
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

  /**
   * How a run ended.
   *
   * @param result what became of every event
   * @param failure why it failed, if it did
   */
  record Ending(ProducerResult result, Optional<PipelineException> failure) {}

  /**
   * Runs to the end and closes the producer: every event is acknowledged or counted as failed.
   *
   * @param closeTimeout how long to wait for the events on their way, asked for at the end
   */
  Ending run(Supplier<Duration> closeTimeout) throws InterruptedException {
    long start = System.nanoTime();
    End end = End.FAILURE;
    PipelineException failure = null;
    Tally tally;
    try {
      end = sendAll();
    } catch (PipelineException thrown) {
      failure = thrown;
    } finally {
      tally = producer.close(closeTimeout.get());
    }
    Optional<PipelineException> unacknowledged = producer.failure(tally);
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    return new Ending(
        ProducerResult.of(
            source.name(), tally, took, unacknowledged.isPresent() ? End.FAILURE : end),
        unacknowledged.isPresent() ? unacknowledged : Optional.ofNullable(failure));
  }

  private End sendAll() throws InterruptedException {
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
