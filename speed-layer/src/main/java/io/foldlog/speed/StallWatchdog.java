package io.foldlog.speed;

import io.foldlog.contract.PipelineException;
import io.foldlog.speed.errors.SpeedLayerErrors;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports a failure when the query does not get anywhere although Spark says nothing: Kafka does
 * not answer for longer than the outage timeout, or no epoch is committed for too long. Checks the
 * log on the way, so that a changed one is noticed between commits, too.
 */
final class StallWatchdog {

  private static final Logger LOG = LoggerFactory.getLogger(StallWatchdog.class);

  private final TriggerMode trigger;
  private final Duration outageTimeout;
  private final Duration startLimit;
  private final Runnable check;
  private final LongSupplier commits;
  private final FirstFailure failure;
  private final LongSupplier nanoTime;

  private long knownCommits;
  private long movedNanos;
  private long answeredNanos;

  /**
   * Watches from now on: what came before, such as the wait for a cluster's executors, is not the
   * query's time.
   *
   * @param startLimit how long the first epoch may take, in which Spark and its connections begin
   * @param check throws a {@link PipelineException} when the log is not sound or does not answer
   * @param commits how many batches or epochs were committed
   * @param failure is given what is found
   * @param nanoTime as {@link System#nanoTime()}
   */
  StallWatchdog(
      TriggerMode trigger,
      Duration outageTimeout,
      Duration startLimit,
      Runnable check,
      LongSupplier commits,
      FirstFailure failure,
      LongSupplier nanoTime) {
    this.trigger = trigger;
    this.outageTimeout = outageTimeout;
    this.startLimit = startLimit;
    this.check = check;
    this.commits = commits;
    this.failure = failure;
    this.nanoTime = nanoTime;
    this.movedNanos = nanoTime.getAsLong();
    this.answeredNanos = movedNanos;
  }

  /** Looks once; to be called every second or so, by one thread at a time. Throws nothing. */
  void tick() {
    try {
      checkLog();
      requireMovement();
    } catch (RuntimeException bug) {
      LOG.warn("event=watchdog_failed", bug);
    }
  }

  private void checkLog() {
    try {
      check.run();
      answeredNanos = nanoTime.getAsLong();
    } catch (PipelineException found) {
      boolean silent = nanoTime.getAsLong() - answeredNanos > outageTimeout.toNanos();
      if (found.kind() != PipelineException.Kind.UNAVAILABLE || silent) {
        failure.report(found);
      }
    }
  }

  /**
   * In continuous mode every second brings a commit, records or none; without one, something that
   * Spark does not report keeps the query from moving. A batch comes only with records, and its
   * writer gives up by itself.
   */
  private void requireMovement() {
    long now = nanoTime.getAsLong();
    long committed = commits.getAsLong();
    if (committed != knownCommits) {
      knownCommits = committed;
      movedNanos = now;
    }
    Duration still = Duration.ofNanos(now - movedNanos);
    if (trigger == TriggerMode.CONTINUOUS && still.compareTo(longestEpoch()) > 0) {
      failure.report(SpeedLayerErrors.noEpochWasCommitted(still.toSeconds()));
    }
  }

  /** How long an epoch may take before it counts as an outage; the first has the start in it. */
  private Duration longestEpoch() {
    Duration limit = outageTimeout.multipliedBy(2);
    return knownCommits == 0 && startLimit.compareTo(limit) > 0 ? startLimit : limit;
  }
}
