package io.foldlog.speed;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.contract.PipelineException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StallWatchdogTest {

  private static final Duration OUTAGE_LIMIT = Duration.ofSeconds(10);
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Runnable SOUND = () -> {};

  private final AtomicLong nanos = new AtomicLong();
  private final AtomicLong commits = new AtomicLong();
  private final FirstFailure failure = new FirstFailure();

  private StallWatchdog watchdog(TriggerMode trigger, Duration startLimit, Runnable check) {
    return new StallWatchdog(
        trigger, OUTAGE_LIMIT, startLimit, check, commits::get, failure, nanos::get);
  }

  private StallWatchdog watchdogWhoseCheckFails(PipelineException failed) {
    return watchdog(
        TriggerMode.MICRO_BATCH,
        Duration.ofMinutes(1),
        () -> {
          throw failed;
        });
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  private PipelineException.Kind found() {
    return failure.get().map(PipelineException::kind).orElse(null);
  }

  private void assertThatItStallsPast(Duration limit, StallWatchdog watchdog) {
    pass(limit);
    watchdog.tick();
    assertThat(found()).isNull();

    pass(SECOND);
    watchdog.tick();
    assertThat(found()).isEqualTo(PipelineException.Kind.UNAVAILABLE);
  }

  /** A layer with a short outage timeout ended on a slow machine, 15 s after it had started. */
  @Test
  void shouldGiveTheFirstEpochTheTimeOfAStart() {
    StallWatchdog watchdog = watchdog(TriggerMode.CONTINUOUS, Duration.ofMinutes(1), SOUND);

    assertThatItStallsPast(Duration.ofMinutes(1), watchdog);
  }

  @Test
  void shouldGiveTheFirstEpochNoLessTimeThanALaterOne() {
    StallWatchdog watchdog = watchdog(TriggerMode.CONTINUOUS, Duration.ofSeconds(5), SOUND);

    assertThatItStallsPast(OUTAGE_LIMIT.multipliedBy(2), watchdog);
  }

  @Test
  void shouldReportALaterEpochOfMoreThanTwiceTheOutageLimit() {
    StallWatchdog watchdog = watchdog(TriggerMode.CONTINUOUS, Duration.ofMinutes(1), SOUND);
    commits.incrementAndGet();
    watchdog.tick();

    assertThatItStallsPast(OUTAGE_LIMIT.multipliedBy(2), watchdog);
    assertThat(failure.get().orElseThrow()).hasMessageContaining("No epoch was committed for 21 s");
  }

  @Test
  void shouldStartTheTimeAgainWithEachCommit() {
    StallWatchdog watchdog = watchdog(TriggerMode.CONTINUOUS, Duration.ofMinutes(1), SOUND);

    for (int epoch = 0; epoch < 100; epoch++) {
      commits.incrementAndGet();
      watchdog.tick();
      pass(OUTAGE_LIMIT);
      watchdog.tick();
    }

    assertThat(found()).isNull();
  }

  /** On a busy cluster the executors came after 100 s, and the query was ended 20 s later. */
  @Test
  void shouldNotCountTheTimeBeforeItWasCreated() {
    pass(Duration.ofHours(1));
    StallWatchdog watchdog = watchdog(TriggerMode.CONTINUOUS, Duration.ofMinutes(2), SOUND);

    pass(Duration.ofMinutes(2));
    watchdog.tick();

    assertThat(found()).isNull();
  }

  @Test
  void shouldExpectNoCommitOfAnIdleMicroBatchQuery() {
    StallWatchdog watchdog = watchdog(TriggerMode.MICRO_BATCH, Duration.ofMinutes(1), SOUND);

    pass(Duration.ofDays(1));
    watchdog.tick();

    assertThat(found()).isNull();
  }

  @Test
  void shouldReportKafkaThatIsSilentForLongerThanTheOutageLimit() {
    PipelineException silent = PipelineException.unavailable("Kafka does not answer", null);
    StallWatchdog watchdog = watchdogWhoseCheckFails(silent);

    pass(OUTAGE_LIMIT);
    watchdog.tick();
    assertThat(failure.get()).isEmpty();

    pass(SECOND);
    watchdog.tick();
    assertThat(failure.get()).containsSame(silent);
  }

  @Test
  void shouldReportAChangedLogAtOnce() {
    PipelineException changed = PipelineException.stateMismatch("The log has lost records");
    StallWatchdog watchdog = watchdogWhoseCheckFails(changed);

    watchdog.tick();

    assertThat(failure.get()).containsSame(changed);
  }

  @Test
  void shouldKeepTheFirstFailure() {
    PipelineException first = PipelineException.unavailable("first", null);
    failure.report(first);
    failure.report(PipelineException.unavailable("second", null));

    assertThat(failure.get()).containsSame(first);
  }
}
