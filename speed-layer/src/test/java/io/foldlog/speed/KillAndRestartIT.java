package io.foldlog.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.foldlog.local.servers.SharedServers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The layer is killed at random moments under load; started again, the view equals the fold of the
 * log. So many users that an event that is lost is hardly ever covered by a later one.
 */
class KillAndRestartIT {

  private static final int KILLS = Integer.getInteger("foldlog.kills", 5);
  private static final long SEED = Long.getLong("foldlog.seed", 20_261_124L);
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final int USERS = 1_000_000;

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource(TriggerMode.class)
  void shouldLoseNothingWhenKilledAtRandomMoments(TriggerMode trigger) throws Exception {
    String name = "killed_" + trigger.name().toLowerCase(Locale.ROOT);
    Stage stage = Stage.provisioned(SharedServers.kafka(), SharedServers.cassandra(), folder, name);
    Path settings =
        stage.settings(
            "speed-layer.trigger = " + trigger.settingName(),
            "speed-layer.max-offsets-per-trigger = 2000");
    Random random = new Random(SEED);
    int afterCommit = 0;
    try (Load load = Load.start(stage, new UserEvents(SEED, USERS), 200)) {
      for (int kill = 1; kill <= KILLS; kill++) {
        long before = stage.committedRecords();
        try (SpeedLayerProcess layer = SpeedLayerProcess.start(settings)) {
          await().atMost(LIMIT).until(() -> layer.hasSaid("started=speed-layer"));
          if (kill % 4 != 0) {
            await().atMost(LIMIT).until(() -> stage.committedRecords() > before);
            afterCommit++;
          }
          awaitMillis(random.nextInt(3_000));
          layer.kill();
          System.out.printf(
              "trigger=%s kill=%d after_commit=%d sent=%d offsets=%s%n",
              trigger.settingName(),
              kill,
              afterCommit,
              load.sent(),
              stage.status().path("offsets"));
        }
      }
      load.stop();
      assertThat(stage.differencesOnceDrained(settings)).isEmpty();
    }
  }

  private static void awaitMillis(long millis) {
    long end = System.nanoTime() + millis * 1_000_000;
    await()
        .pollInterval(Duration.ofMillis(5))
        .pollDelay(Duration.ZERO)
        .atMost(LIMIT)
        .until(() -> System.nanoTime() >= end);
  }
}
