package io.foldlog.speed;

import io.foldlog.contract.PipelineException;
import io.foldlog.speed.errors.SpeedLayerErrors;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports a failure if the query makes no progress and Spark reports no error: Kafka does not
 * answer for longer than the outage timeout, or no epoch is committed for too long. It also checks
 * the log, so that a changed log is detected between commits.
 */
final class StallWatchdog {

  private static final Logger LOG = LoggerFactory.getLogger(StallWatchdog.class);

  private final TriggerMode trigger;
  private final Duration outageTimeout;
  private final Duration startupTimeout;
  private final Runnable check;
  private final LongSupplier commits;
  private final FirstFailure failure;
  private final LongSupplier nanoTime;

  private long knownCommits;
  private long lastCommitNanos;
  private long lastAnswerNanos;

  /**
   * Starts the time measurement. Time before that, such as the wait for a cluster's executors, does
   * not count.
   *
   * @param startupTimeout minimum timeout of the first epoch, which includes Spark's start
   * @param check throws a {@link PipelineException} if the log has changed or Kafka does not answer
   * @param commits returns the number of committed batches or epochs
   * @param failure receives the failure
   * @param nanoTime as {@link System#nanoTime()}
   */
  StallWatchdog(
      TriggerMode trigger,
      Duration outageTimeout,
      Duration startupTimeout,
      Runnable check,
      LongSupplier commits,
      FirstFailure failure,
      LongSupplier nanoTime) {
    this.trigger = trigger;
    this.outageTimeout = outageTimeout;
    this.startupTimeout = startupTimeout;
    this.check = check;
    this.commits = commits;
    this.failure = failure;
    this.nanoTime = nanoTime;
    this.lastCommitNanos = nanoTime.getAsLong();
    this.lastAnswerNanos = lastCommitNanos;
  }

  /** Runs the checks once. Called about every second by one thread at a time. Throws nothing. */
  void tick() {
    try {
      checkLog();
      requireCommits();
    } catch (RuntimeException unexpected) {
      LOG.warn("event=watchdog_failed", unexpected);
    }
  }

  private void checkLog() {
    try {
      check.run();
      lastAnswerNanos = nanoTime.getAsLong();
    } catch (PipelineException found) {
      boolean isTimedOut = nanoTime.getAsLong() - lastAnswerNanos > outageTimeout.toNanos();
      if (found.kind() != PipelineException.Kind.UNAVAILABLE || isTimedOut) {
        failure.report(found);
      }
    }
  }

  /**
   * In continuous mode there is a commit for each epoch, also without records. A missing commit
   * means that the query is blocked and Spark reports no error. Micro-batches run only if there are
   * records, and their writer has its own timeout.
   */
  private void requireCommits() {
    long now = nanoTime.getAsLong();
    long committed = commits.getAsLong();
    if (committed != knownCommits) {
      knownCommits = committed;
      lastCommitNanos = now;
    }
    Duration sinceCommit = Duration.ofNanos(now - lastCommitNanos);
    if (trigger == TriggerMode.CONTINUOUS && sinceCommit.compareTo(epochTimeout()) > 0) {
      failure.report(SpeedLayerErrors.noEpochWasCommitted(sinceCommit.toSeconds()));
    }
  }

  /** How long an epoch may take. The first epoch includes the start. */
  private Duration epochTimeout() {
    Duration timeout = outageTimeout.multipliedBy(2);
    return knownCommits == 0 && startupTimeout.compareTo(timeout) > 0 ? startupTimeout : timeout;
  }
}
