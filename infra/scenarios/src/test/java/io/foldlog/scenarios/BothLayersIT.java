package io.foldlog.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.CqlSession;
import com.fasterxml.jackson.databind.JsonNode;
import io.foldlog.application.ExitStatus;
import io.foldlog.contract.EventType;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserField;
import io.foldlog.speed.Load;
import io.foldlog.speed.SpeedLayerProcess;
import io.foldlog.speed.Stage;
import io.foldlog.speed.UserEvents;
import io.foldlog.view.ViewSession;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both layers at once on one log and one view, judged by the verifier. */
class BothLayersIT {

  private static final long SEED = Long.getLong("foldlog.seed", 20_261_124L);
  private static final Duration LIVE =
      Duration.ofSeconds(Integer.getInteger("foldlog.live-seconds", 120));
  private static final int USERS = 2_000;

  @TempDir private Path folder;

  @Test
  void shouldEndAlikeWhenEitherLayerIsKilledAndStartedAgain() throws Exception {
    Pipeline pipeline = Pipeline.in(folder, "both_killed");
    Random random = new Random(SEED);
    try (Load load = Load.start(pipeline.stage(), new UserEvents(SEED, USERS), 200)) {
      for (int kill = 0; kill < 2; kill++) {
        Process batch = pipeline.startBatch(folder.resolve("batch.log"), "nightly");
        try (SpeedLayerProcess layer = pipeline.startSpeedLayer()) {
          batch.waitFor(random.nextInt(12_000), TimeUnit.MILLISECONDS);
          layer.kill();
        } finally {
          batch.destroyForcibly().waitFor();
        }
      }
      load.stop();
    }
    try (SpeedLayerProcess layer = pipeline.startSpeedLayer()) {
      pipeline.awaitDrainedBy(layer);
    }

    assertThat(pipeline.batch("nightly")).isEqualTo(ExitStatus.DONE);
    pipeline.assertThatTheViewEqualsTheFoldOfTheLog();
  }

  @Test
  void shouldFindAndRepairOnlyWhatWasTamperedWithWhileTheStreamWrites() throws Exception {
    Pipeline pipeline = Pipeline.in(folder, "live");
    List<UUID> victims = new ArrayList<>();
    for (int number = 0; number < 60; number++) {
      UUID victim = new UUID(0x9999_4000L, 0x8000_0000_0000_0000L | number);
      victims.add(victim);
      pipeline.record(
          UserEvent.of(EventType.REGISTERED, victim, "urn:test", nowMicros())
              .text(UserField.CITY, "Bern")
              .build());
    }
    Stage stage = pipeline.stage();
    List<UUID> watched = new ArrayList<>();
    for (int number = 0; number < USERS; number++) {
      watched.add(UserEvents.user(number));
    }
    int rounds = 0;
    try (SpeedLayerProcess layer = pipeline.startSpeedLayer();
        CqlSession operator = stage.adminSession();
        ViewWatcher watcher =
            new ViewWatcher(
                ViewSession.open(stage.view(Stage.READER)), stage.keyspace(), watched)) {
      pipeline.awaitDrainedBy(layer);
      try (Load load = Load.start(stage, new UserEvents(SEED, USERS), 200)) {
        long end = System.nanoTime() + LIVE.toNanos();
        while (System.nanoTime() < end || rounds < 2) {
          Set<String> damaged = damage(operator, stage.keyspace(), victims, rounds++);
          assertThat(pipeline.batch("archive")).isEqualTo(ExitStatus.DONE);
          assertThat(pipeline.batch("fold")).isEqualTo(ExitStatus.DONE);
          assertThat(pipeline.batch("reconcile", "--scope", "full")).isEqualTo(ExitStatus.DONE);

          JsonNode report = pipeline.newestReport().path("reconcile");
          Set<String> found = new HashSet<>();
          report.path("details").forEach(each -> found.add(each.path("user").asText()));
          assertThat(found).as(report.toPrettyString()).isEqualTo(damaged);
          assertThat(report.path("repaired").asInt()).isEqualTo(damaged.size());
          assertThat(watcher.turnedBack()).isEmpty();
        }
        load.stop();
      }
      pipeline.awaitDrainedBy(layer);
      assertThat(watcher.turnedBack()).isEmpty();
      System.out.printf("rounds=%d reads=%d%n", rounds, watcher.reads());
    }
    pipeline.assertThatTheViewEqualsTheFoldOfTheLog();
  }

  /** A row removed, a cell overwritten and a ghost added; which users that should name. */
  private static Set<String> damage(
      CqlSession operator, String keyspace, List<UUID> victims, int round) {
    UUID removed = victims.get(2 * round);
    UUID overwritten = victims.get(2 * round + 1);
    UUID ghost = new UUID(0x7777_4000L, 0x8000_0000_0000_0000L | round);
    String table = keyspace + ".created_users";
    operator.execute("DELETE FROM " + table + " WHERE id = " + removed);
    operator.execute("UPDATE " + table + " SET city = 'Nowhere' WHERE id = " + overwritten);
    operator.execute("INSERT INTO " + table + " (id, city) VALUES (" + ghost + ", 'Nowhere')");
    return Set.of(removed.toString(), overwritten.toString(), ghost.toString());
  }

  private static long nowMicros() {
    return System.currentTimeMillis() * 1000;
  }
}
