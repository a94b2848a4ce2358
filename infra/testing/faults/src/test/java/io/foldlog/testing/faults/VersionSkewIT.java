package io.foldlog.testing.faults;

import static io.foldlog.contract.TestEvents.user;
import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.Row;
import com.fasterxml.jackson.databind.JsonNode;
import io.foldlog.batch.BatchLayerInProcess;
import io.foldlog.runtime.ApplicationResult;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.speed.RunningSpeedLayer;
import io.foldlog.testing.scenarios.Proof;
import io.foldlog.testing.scenarios.TestEnvironment;
import io.foldlog.view.TestView;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A speed layer and a batch layer of releases that decode the same event differently. */
@Tag("fault")
class VersionSkewIT {

  private static final Proof PROOF = Proof.section("70-versions", "Version skew");
  private static final int USERS = 5;

  @TempDir private Path folder;

  @Test
  void shouldHoldBackRepairsOfNewerSpeedLayerUntilBatchLayerIsUpgraded() throws Exception {
    TestEnvironment environment = TestEnvironment.in(folder, "newer_speed_layer");
    NextRelease next = new NextRelease(environment);
    try (RunningSpeedLayer layer = next.startSpeedLayer();
        CqlSession session = environment.pipeline().view().session(TestView.ADMIN)) {
      register(environment, 0);
      environment.awaitDrainedBy(layer);
      session.execute("TRUNCATE %s.created_users".formatted(environment.pipeline().keyspace()));
      register(environment, USERS);
      environment.awaitDrainedBy(layer);
      Map<Integer, String> newer = rows(environment, session, USERS);
      assertThat(newer).hasSize(USERS);
      assertThat(newer.values()).containsOnly("Ada lives in Bern, CH");

      ApplicationResult nightly = environment.execute(BatchLayerInProcess.batchLayer(), "nightly");
      assertThat(nightly.status()).isEqualTo(ExitStatus.UNRESOLVED_DRIFT);
      assertThat(nightly.message()).contains(USERS + " held back while a newer speed layer runs");

      JsonNode report = step(environment, "reconcile");
      assertThat(report.path("outcome").asText()).isEqualTo("UNRESOLVED_DRIFT");
      assertThat(report.path("held_back").asInt()).isEqualTo(USERS);
      assertThat(rows(environment, session, USERS)).isEqualTo(newer);
      assertThat(rows(environment, session, 0).values())
          .as("lost rows are repaired with the decode rules of this release")
          .hasSize(USERS)
          .containsOnly("Ada lives in null, ch");
      PROOF.addLine(
          "speed layer newer than the batch layer: %d lost rows repaired, %d users held back (UNRESOLVED_DRIFT), no cell of the newer layer changed",
          report.path("repaired").asInt(), report.path("held_back").asInt());

      assertThat(next.batch("nightly")).isEqualTo(ExitStatus.SUCCESS);

      JsonNode afterUpgrade = step(environment, "reconcile");
      String mode = step(environment, "fold").path("mode").asText();
      assertThat(mode).isEqualTo("FULL");
      assertThat(afterUpgrade.path("scope").asText()).isEqualTo("full");
      assertThat(rows(environment, session, 0).values()).containsOnly("Ada lives in Bern, CH");
      assertThat(rows(environment, session, USERS)).isEqualTo(newer);
      assertThat(next.verify()).isEqualTo(ExitStatus.SUCCESS);
      assertThat(next.batch("reconcile", "--scope", "full")).isEqualTo(ExitStatus.SUCCESS);
      assertThat(step(environment, "reconcile").path("outcome").asText()).isEqualTo("CLEAN");
      PROOF.addLine(
          "after the batch layer's upgrade: fold=%s, %d users repaired, the next reconcile found %d",
          mode,
          afterUpgrade.path("repaired").asInt(),
          step(environment, "reconcile").path("drifted").asInt());
    }
  }

  @Test
  void shouldRepairWritesOfOlderSpeedLayerWithEachReconcile() throws Exception {
    TestEnvironment environment = TestEnvironment.in(folder, "older_speed_layer");
    NextRelease next = new NextRelease(environment);
    register(environment, 0);
    try (RunningSpeedLayer layer = environment.startSpeedLayer();
        CqlSession session = environment.pipeline().view().session(TestView.ADMIN)) {
      environment.awaitDrainedBy(layer);
      assertThat(rows(environment, session, 0).values()).containsOnly("Ada lives in null, ch");
      assertThat(next.batch("nightly")).isEqualTo(ExitStatus.SUCCESS);
      assertThat(rows(environment, session, 0).values()).containsOnly("Ada lives in Bern, CH");
      register(environment, USERS);
      environment.awaitDrainedBy(layer);
      assertThat(next.verify()).isEqualTo(ExitStatus.UNRESOLVED_DRIFT);
    }
    assertThat(next.batch("nightly")).isEqualTo(ExitStatus.SUCCESS);
    assertThat(next.verify()).isEqualTo(ExitStatus.SUCCESS);
    PROOF.addLine(
        "speed layer older than the batch layer: each reconcile repairs the view, until the older layer writes the next event");
  }

  private static void register(TestEnvironment environment, int first) {
    for (int number = first; number < first + USERS; number++) {
      environment.recordRaw(
          """
          {"specversion":"1.0","id":"%1$s","source":"urn:test","type":"user.registered.v1",
           "subject":"%1$s","time":"2024-01-01T12:00:00.%2$06dZ",
           "data":{"first_name":"Ada","nationality":"ch","town":"Bern"}}"""
              .formatted(user(number), number));
    }
  }

  /** The visible rows of {@link #USERS} users, from this number. */
  private static Map<Integer, String> rows(
      TestEnvironment environment, CqlSession session, int first) {
    Map<Integer, String> rows = new TreeMap<>();
    for (int number = first; number < first + USERS; number++) {
      Row row =
          session
              .execute(
                  "SELECT first_name, city, nationality FROM %s.created_users WHERE id = %s"
                      .formatted(environment.pipeline().keyspace(), user(number)))
              .one();
      if (row != null) {
        rows.put(
            number,
            "%s lives in %s, %s".formatted(row.getString(0), row.getString(1), row.getString(2)));
      }
    }
    return rows;
  }

  private static JsonNode step(TestEnvironment environment, String name) throws Exception {
    return environment.newestReport().path(name);
  }
}
