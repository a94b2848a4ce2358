package io.foldlog.producer;

import io.foldlog.contract.PipelineException;
import io.foldlog.log.EventProducer;
import io.foldlog.log.OutgoingEvent;
import io.foldlog.log.SendCounters;
import io.foldlog.producer.ProducerResult.End;
import io.foldlog.runtime.StopSignal;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends events from a source to the log at the given rate, until a limit, the end of the source or
 * a stop.
 */
record ProducerRun(
    UserSource source, EventProducer producer, Pacing pacing, Limits limits, StopSignal stop) {

  private static final Logger LOG = LoggerFactory.getLogger(ProducerRun.class);
  private static final Duration LOG_INTERVAL = Duration.ofSeconds(10);

  /**
   * The limits of a run.
   *
   * @param count maximum number of events
   * @param duration maximum duration
   */
  record Limits(long count, Duration duration) {

    static final long NO_COUNT = Long.MAX_VALUE;
    static final Duration NO_DURATION = Duration.ofDays(100 * 365);

    Limits {
      Objects.requireNonNull(duration);
    }
  }

  /**
   * The outcome of a run.
   *
   * @param result the counters of all events
   * @param failure the failure, if the run failed
   */
  record Ending(ProducerResult result, Optional<PipelineException> failure) {}

  /**
   * Runs and closes the producer. Every sent event is then acknowledged or counted as failed.
   *
   * @param closeTimeout returns at the end of the run how long to wait for the events in flight
   */
  Ending run(Supplier<Duration> closeTimeout) throws InterruptedException {
    long start = System.nanoTime();
    End end = End.FAILURE;
    PipelineException failure = null;
    SendCounters counters;
    try {
      end = sendAll();
    } catch (PipelineException thrown) {
      failure = thrown;
    } finally {
      counters = producer.close(closeTimeout.get());
    }
    Optional<PipelineException> unacknowledged = producer.failure(counters);
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    return new Ending(
        ProducerResult.of(
            source.name(), counters, took, unacknowledged.isPresent() ? End.FAILURE : end),
        unacknowledged.isPresent() ? unacknowledged : Optional.ofNullable(failure));
  }

  private End sendAll() throws InterruptedException {
    Progress progress = new Progress(limits.duration());
    for (long sent = 0; sent < limits.count(); sent++) {
      Optional<End> end = awaitNext(progress, sent);
      if (end.isPresent()) {
        return end.get();
      }
      Optional<OutgoingEvent> next = source.next();
      if (next.isEmpty()) {
        return stop.isRequested() ? End.STOPPED : End.SOURCE_EXHAUSTED;
      }
      if (!producer.send(next.get())) {
        return End.STOPPED;
      }
    }
    return End.COUNT;
  }

  /** Waits until the next event may be sent. Returns the reason if the run has ended. */
  private Optional<End> awaitNext(Progress progress, long sent) throws InterruptedException {
    long due = System.nanoTime() + pacing.reserve().toNanos();
    while (true) {
      if (stop.isRequested()) {
        return Optional.of(End.STOPPED);
      }
      long now = System.nanoTime();
      if (now - progress.end >= 0) {
        return Optional.of(End.DURATION);
      }
      if (now - progress.nextLog >= 0) {
        LOG.info("event=progress sent={} acknowledged={}", sent, producer.acknowledgedSoFar());
        progress.nextLog = now + LOG_INTERVAL.toNanos();
      }
      if (now - due >= 0) {
        return Optional.empty();
      }
      long until = Math.min(due - now, Math.min(progress.end - now, progress.nextLog - now));
      stop.await(Duration.ofNanos(until));
    }
  }

  /** Instants of {@link System#nanoTime}. */
  private static final class Progress {
    private final long end;
    private long nextLog;

    Progress(Duration duration) {
      long start = System.nanoTime();
      end = start + duration.toNanos();
      nextLog = start + LOG_INTERVAL.toNanos();
    }
  }
}
