package io.foldlog.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.foldlog.application.Settings;
import io.foldlog.application.StopSignal;
import io.foldlog.contract.PipelineException;
import io.foldlog.contract.TimestampKind;
import io.foldlog.log.Log;
import io.foldlog.log.LogConnection;
import io.foldlog.log.LogIdentity;
import io.foldlog.log.LogOffsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QueryMonitorTest {

  private static final Duration OUTAGE = Duration.ofSeconds(10);

  /** A layer with a short outage limit ended on a slow machine, 15 s after it had started. */
  @Test
  void shouldGiveTheFirstEpochTheTimeOfAStart() {
    assertThat(QueryMonitor.longestEpoch(true, OUTAGE, Duration.ofMinutes(1)))
        .isEqualTo(Duration.ofMinutes(1));
    assertThat(QueryMonitor.longestEpoch(true, OUTAGE, Duration.ofSeconds(5)))
        .isEqualTo(Duration.ofSeconds(20));
  }

  @Test
  void shouldTakeALaterEpochOfTwiceTheOutageLimitForAnOutage() {
    assertThat(QueryMonitor.longestEpoch(false, OUTAGE, Duration.ofMinutes(1)))
        .isEqualTo(Duration.ofSeconds(20));
  }

  /**
   * On a busy cluster the executors came after 100 s, and the query, which could only then begin,
   * was ended 20 s later: in a circle, for ever.
   */
  @Test
  void shouldNotCountTheWaitForExecutorsAsTheFirstEpochs(@TempDir Path folder) {
    Duration startLimit = Duration.ofMinutes(2);
    SpeedLayerSettings settings =
        SpeedLayerSettings.from(
            Settings.of(
                "speed-layer { checkpoint = \"%s\", status-file = \"%s\" }"
                    .formatted(folder.resolve("checkpoint"), folder.resolve("status.json"))));
    LogIdentity identity =
        new LogIdentity("users", "id", 2, TimestampKind.LOG_APPEND_TIME, 1 << 20);
    Checkpoint checkpoint = new Checkpoint(settings.checkpoint());
    checkpoint.bind(settings.trigger(), identity);
    LogOffsets nothing = LogOffsets.zero(identity);
    AtomicLong clock = new AtomicLong();
    LogConnection nobody = LogConnection.to("127.0.0.1:1").within(Duration.ofMillis(100));
    try (Log log = Log.open(nobody, "users");
        QueryMonitor monitor =
            new QueryMonitor(
                settings,
                startLimit,
                checkpoint,
                log,
                identity,
                nothing,
                nothing,
                new StopSignal(),
                clock::get)) {
      clock.addAndGet(Duration.ofHours(1).toNanos());
      monitor.start();
      await().until(() -> Files.exists(settings.statusFile()));
      assertThat(monitor.failure()).isEmpty();

      clock.addAndGet(startLimit.plusSeconds(1).toNanos());
      await().until(() -> monitor.failure().isPresent());
      assertThat(monitor.failure())
          .map(PipelineException::kind)
          .contains(PipelineException.Kind.UNAVAILABLE);
    }
  }
}
