package io.foldlog.testing.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.CqlSession;
import com.fasterxml.jackson.databind.JsonNode;
import io.foldlog.contract.TestEventStream;
import io.foldlog.contract.TestEvents;
import io.foldlog.contract.UserField;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.speed.SpeedLayerProcess;
import io.foldlog.speed.TestPipeline;
import io.foldlog.speed.Workload;
import io.foldlog.testing.scenarios.Proof;
import io.foldlog.testing.scenarios.TestEnvironment;
import io.foldlog.view.TestView;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reconcile after reconcile while the speed layer writes, judged by the verifier at the end. */
@Tag("fault")
class LiveReconcileIT {

  private static final int PER_SECOND = 500;

  /** So few that each changes all the time. */
  private static final int USERS = 400;

  private static final int FIRST_VICTIM = 1_000_000;
  private static final int FIRST_GHOST = 2_000_000;

  /** No round takes less. */
  private static final Duration SHORTEST_ROUND = Duration.ofSeconds(3);

  @TempDir private Path folder;

  @Test
  void shouldRepairWhatWasDamagedAndTurnNothingBack() throws Exception {
    Proof proof = Proof.section("30-live", "Reconcile while the stream writes");
    Duration live = Duration.ofSeconds(Proof.size("live-seconds", 40));
    TestEnvironment environment = TestEnvironment.in(folder, "live");
    TestPipeline pipeline = environment.pipeline();
    int victims = (int) (2 * (live.dividedBy(SHORTEST_ROUND) + 2));
    for (int number = 0; number < victims; number++) {
      environment.record(
          TestEvents.registered(victim(number), TestEvents.now())
              .set(UserField.CITY, "Bern")
              .build());
    }
    List<UUID> watched = IntStream.range(0, USERS).mapToObj(TestEvents::user).toList();
    int rounds = 0;
    int repaired = 0;
    try (SpeedLayerProcess layer = environment.startSpeedLayerProcess();
        CqlSession operator = pipeline.view().session(TestView.ADMIN);
        ViewWatcher watcher =
            new ViewWatcher(
                pipeline.view().session(TestView.READER), pipeline.keyspace(), watched)) {
      environment.awaitDrainedBy(layer);
      TestEventStream events = new TestEventStream(Proof.SEED, USERS);
      long start = System.nanoTime();
      try (Workload workload =
          Workload.start(pipeline, () -> watcher.expect(events.next()), PER_SECOND)) {
        while (System.nanoTime() - start < live.toNanos() || rounds < 2) {
          Set<String> damaged = damage(operator, pipeline.keyspace(), rounds++);
          assertThat(environment.batch("archive")).isEqualTo(ExitStatus.SUCCESS);
          assertThat(environment.batch("fold")).isEqualTo(ExitStatus.SUCCESS);
          assertThat(environment.batch("reconcile", "--scope", "full"))
              .isEqualTo(ExitStatus.SUCCESS);

          JsonNode report = environment.newestReport().path("reconcile");
          Set<String> found = new HashSet<>();
          report.path("details").forEach(each -> found.add(each.path("user").asText()));
          assertThat(found).as(report.toPrettyString()).isEqualTo(damaged);
          assertThat(report.path("repaired").asInt()).isEqualTo(damaged.size());
          assertThat(watcher.objections()).isEmpty();
          repaired += damaged.size();
        }
        workload.stop();
        proof.say(
            "seed %d, %d users, %d events in %d s",
            Proof.SEED,
            USERS,
            workload.sent(),
            Duration.ofNanos(System.nanoTime() - start).toSeconds());
      }
      environment.awaitDrainedBy(layer);
      assertThat(watcher.objections()).isEmpty();
      proof.say("%d rounds; damaged, found and repaired within its round: %d", rounds, repaired);
      proof.say("%s, each as the log allows", watcher.reads());
    }
    environment.assertThatTheViewEqualsTheFoldOfTheLog();
  }

  /** A row removed, a cell overwritten and a ghost added; which users that should name. */
  private static Set<String> damage(CqlSession operator, String keyspace, int round) {
    UUID removed = victim(2 * round);
    UUID overwritten = victim(2 * round + 1);
    UUID ghost = TestEvents.user(FIRST_GHOST + round);
    String table = keyspace + ".created_users";
    operator.execute("DELETE FROM " + table + " WHERE id = " + removed);
    operator.execute("UPDATE " + table + " SET city = 'Nowhere' WHERE id = " + overwritten);
    operator.execute("INSERT INTO " + table + " (id, city) VALUES (" + ghost + ", 'Nowhere')");
    return Set.of(removed.toString(), overwritten.toString(), ghost.toString());
  }

  private static UUID victim(int number) {
    return TestEvents.user(FIRST_VICTIM + number);
  }
}
