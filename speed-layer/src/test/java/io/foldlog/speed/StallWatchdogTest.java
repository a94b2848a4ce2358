package io.foldlog.speed;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.contract.PipelineException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StallWatchdogTest {

  private static final Duration OUTAGE_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Runnable CHECK_SUCCEEDS = () -> {};

  private final AtomicLong nanos = new AtomicLong();
  private final AtomicLong commits = new AtomicLong();
  private final FirstFailure failure = new FirstFailure();

  private StallWatchdog watchdog(TriggerMode trigger, Duration startupTimeout, Runnable check) {
    return new StallWatchdog(
        trigger, OUTAGE_TIMEOUT, startupTimeout, check, commits::get, failure, nanos::get);
  }

  private StallWatchdog watchdogWithFailingCheck(PipelineException failed) {
    return watchdog(
        TriggerMode.MICRO_BATCH,
        Duration.ofMinutes(1),
        () -> {
          throw failed;
        });
  }

  private void advance(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  private PipelineException.Kind failureKind() {
    return failure.get().map(PipelineException::kind).orElse(null);
  }

  private void assertFailsAfter(Duration limit, StallWatchdog watchdog) {
    advance(limit);
    watchdog.tick();
    assertThat(failureKind()).isNull();

    advance(SECOND);
    watchdog.tick();
    assertThat(failureKind()).isEqualTo(PipelineException.Kind.UNAVAILABLE);
  }

  /**
   * Regression: a layer with a short outage timeout failed on a slow machine 15 s after its start.
   */
  @Test
  void shouldAllowStartupTimeoutForFirstEpoch() {
    StallWatchdog watchdog =
        watchdog(TriggerMode.CONTINUOUS, Duration.ofMinutes(1), CHECK_SUCCEEDS);

    assertFailsAfter(Duration.ofMinutes(1), watchdog);
  }

  @Test
  void shouldAllowFirstEpochAtLeastTwiceTheOutageTimeout() {
    StallWatchdog watchdog =
        watchdog(TriggerMode.CONTINUOUS, Duration.ofSeconds(5), CHECK_SUCCEEDS);

    assertFailsAfter(OUTAGE_TIMEOUT.multipliedBy(2), watchdog);
  }

  @Test
  void shouldFailWhenLaterEpochExceedsTwiceTheOutageTimeout() {
    StallWatchdog watchdog =
        watchdog(TriggerMode.CONTINUOUS, Duration.ofMinutes(1), CHECK_SUCCEEDS);
    commits.incrementAndGet();
    watchdog.tick();

    assertFailsAfter(OUTAGE_TIMEOUT.multipliedBy(2), watchdog);
    assertThat(failure.get().orElseThrow()).hasMessageContaining("No epoch was committed for 21 s");
  }

  @Test
  void shouldRestartTimeoutAtEachCommit() {
    StallWatchdog watchdog =
        watchdog(TriggerMode.CONTINUOUS, Duration.ofMinutes(1), CHECK_SUCCEEDS);

    for (int epoch = 0; epoch < 100; epoch++) {
      commits.incrementAndGet();
      watchdog.tick();
      advance(OUTAGE_TIMEOUT);
      watchdog.tick();
    }

    assertThat(failureKind()).isNull();
  }

  /**
   * Regression: on a busy cluster the executors started after 100 s, and the query failed 20 s
   * later.
   */
  @Test
  void shouldNotCountTimeBeforeCreation() {
    advance(Duration.ofHours(1));
    StallWatchdog watchdog =
        watchdog(TriggerMode.CONTINUOUS, Duration.ofMinutes(2), CHECK_SUCCEEDS);

    advance(Duration.ofMinutes(2));
    watchdog.tick();

    assertThat(failureKind()).isNull();
  }

  @Test
  void shouldNotExpectCommitsOfIdleMicroBatchQuery() {
    StallWatchdog watchdog =
        watchdog(TriggerMode.MICRO_BATCH, Duration.ofMinutes(1), CHECK_SUCCEEDS);

    advance(Duration.ofDays(1));
    watchdog.tick();

    assertThat(failureKind()).isNull();
  }

  @Test
  void shouldFailWhenKafkaDoesNotAnswerWithinOutageTimeout() {
    PipelineException unavailable = PipelineException.unavailable("Kafka does not answer", null);
    StallWatchdog watchdog = watchdogWithFailingCheck(unavailable);

    advance(OUTAGE_TIMEOUT);
    watchdog.tick();
    assertThat(failure.get()).isEmpty();

    advance(SECOND);
    watchdog.tick();
    assertThat(failure.get()).containsSame(unavailable);
  }

  @Test
  void shouldFailAtOnceWhenLogHasChanged() {
    PipelineException changed = PipelineException.stateMismatch("The log has lost records");
    StallWatchdog watchdog = watchdogWithFailingCheck(changed);

    watchdog.tick();

    assertThat(failure.get()).containsSame(changed);
  }

  @Test
  void shouldKeepFirstFailure() {
    PipelineException first = PipelineException.unavailable("first", null);
    failure.report(first);
    failure.report(PipelineException.unavailable("second", null));

    assertThat(failure.get()).containsSame(first);
  }
}
