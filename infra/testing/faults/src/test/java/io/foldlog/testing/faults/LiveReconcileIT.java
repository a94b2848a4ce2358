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

/** Runs reconciles while the speed layer writes. The verifier checks the result at the end. */
@Tag("fault")
class LiveReconcileIT {

  private static final int PER_SECOND = 500;

  /** Few users, so that each of them changes often. */
  private static final int USERS = 400;

  private static final int FIRST_DAMAGED_USER = 1_000_000;
  private static final int FIRST_GHOST_USER = 2_000_000;

  /** Lower bound of the time of one round. It gives the number of users to damage. */
  private static final Duration MIN_ROUND_TIME = Duration.ofSeconds(3);

  @TempDir private Path folder;

  @Test
  void shouldRepairOnlyDamageWhileSpeedLayerWrites() throws Exception {
    Proof proof = Proof.section("30-live", "Reconcile while the stream writes");
    Duration duration = Duration.ofSeconds(Proof.size("live-seconds", 40));
    TestEnvironment environment = TestEnvironment.in(folder, "live");
    TestPipeline pipeline = environment.pipeline();
    int damagedUsers = (int) (2 * (duration.dividedBy(MIN_ROUND_TIME) + 2));
    for (int number = 0; number < damagedUsers; number++) {
      environment.record(
          TestEvents.registered(userToDamage(number), TestEvents.now())
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
        while (System.nanoTime() - start < duration.toNanos() || rounds < 2) {
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
          assertThat(watcher.violations()).isEmpty();
          repaired += damaged.size();
        }
        workload.stop();
        proof.addLine(
            "seed %d, %d users, %d events in %d s",
            Proof.SEED,
            USERS,
            workload.sent(),
            Duration.ofNanos(System.nanoTime() - start).toSeconds());
      }
      environment.awaitDrainedBy(layer);
      assertThat(watcher.violations()).isEmpty();
      proof.addLine(
          "%d rounds; damaged, found and repaired within its round: %d", rounds, repaired);
      proof.addLine("%s, each allowed by the log", watcher.reads());
    }
    environment.assertThatViewEqualsFoldOfLog();
  }

  /**
   * Removes a row, overwrites a cell and adds a ghost row. Returns the users that must be reported.
   */
  private static Set<String> damage(CqlSession operator, String keyspace, int round) {
    UUID removed = userToDamage(2 * round);
    UUID overwritten = userToDamage(2 * round + 1);
    UUID ghost = TestEvents.user(FIRST_GHOST_USER + round);
    String table = keyspace + ".created_users";
    operator.execute("DELETE FROM " + table + " WHERE id = " + removed);
    operator.execute("UPDATE " + table + " SET city = 'Nowhere' WHERE id = " + overwritten);
    operator.execute("INSERT INTO " + table + " (id, city) VALUES (" + ghost + ", 'Nowhere')");
    return Set.of(removed.toString(), overwritten.toString(), ghost.toString());
  }

  private static UUID userToDamage(int number) {
    return TestEvents.user(FIRST_DAMAGED_USER + number);
  }
}
