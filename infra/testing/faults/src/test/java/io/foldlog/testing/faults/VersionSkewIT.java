package io.foldlog.testing.faults;

import static io.foldlog.contract.TestEvents.user;
import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.Row;
import com.fasterxml.jackson.databind.JsonNode;
import io.foldlog.batch.BatchLayerInProcess;
import io.foldlog.contract.DecodeRules;
import io.foldlog.contract.EventDecoder.CreateTime;
import io.foldlog.runtime.ApplicationResult;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.speed.RunningSpeedLayer;
import io.foldlog.speed.SparkSessionSource;
import io.foldlog.speed.SpeedLayer;
import io.foldlog.speed.SpeedLayerInProcess;
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
  private static final int OWN = DecodeRules.current(CreateTime.REJECT).version();
  private static final int NEXT = OWN + 1;

  @TempDir private Path folder;

  /**
   * The older release reads the deletions as registrations that are newer than the deletions, so
   * that it would bring deleted users back at the events' own times.
   */
  @Test
  void shouldNotBringDeletedUsersBackWithOlderBatchLayer() throws Exception {
    TestEnvironment environment = TestEnvironment.in(folder, "newer_speed_layer");
    NextRelease next = new NextRelease(environment);
    try (CqlSession session = environment.pipeline().view().session(TestView.ADMIN)) {
      try (RunningSpeedLayer layer = next.startSpeedLayer()) {
        register(environment, 0);
        register(environment, USERS);
        delete(environment, 0);
        environment.awaitDrainedBy(layer);
        session.execute(
            "DELETE FROM %s.created_users WHERE id = %s"
                .formatted(environment.pipeline().keyspace(), user(USERS)));
        assertThat(rows(environment, session, 0)).isEmpty();
        Map<Integer, String> newer = rows(environment, session, USERS);
        assertThat(newer).hasSize(USERS - 1).containsValue("Ada lives in Bern, CH");

        ApplicationResult nightly =
            environment.execute(BatchLayerInProcess.batchLayer(), "nightly");

        assertThat(rows(environment, session, 0)).as("deleted users").isEmpty();
        assertThat(rows(environment, session, USERS)).isEqualTo(newer);
        assertThat(nightly.status()).isEqualTo(ExitStatus.UNRESOLVED_DRIFT);
        assertThat(nightly.message())
            .startsWith(
                "Decode version %d has written to the view, and this release decodes with version %d"
                    .formatted(NEXT, OWN))
            .contains("reconcile only reported", "%d users differ".formatted(2 * USERS));
        JsonNode report = step(environment, "reconcile");
        assertThat(report.path("outcome").asText()).isEqualTo("UNRESOLVED_DRIFT");
        assertThat(report.path("newer_decode_version").asInt()).isEqualTo(NEXT);
        assertThat(report.path("repaired").asInt()).isZero();
        assertThat(environment.batch("reconcile", "--dry-run")).isEqualTo(ExitStatus.SUCCESS);
        PROOF.addLine(
            "speed layer newer than the batch layer: reconcile reported %d users and repaired %d (UNRESOLVED_DRIFT); %d deleted users did not come back",
            report.path("drifted").asInt(), report.path("repaired").asInt(), USERS);
      }
      assertThatOlderSpeedLayerRefuses(environment);
      PROOF.addLine("roll back to the older speed layer: it refused to start (USAGE_ERROR)");

      assertThat(next.batch("nightly")).isEqualTo(ExitStatus.SUCCESS);

      JsonNode afterUpgrade = step(environment, "reconcile");
      String mode = step(environment, "fold").path("mode").asText();
      assertThat(mode).isEqualTo("FULL");
      assertThat(afterUpgrade.path("scope").asText()).isEqualTo("full");
      assertThat(afterUpgrade.path("drifted").asInt()).as("the row that was deleted").isOne();
      assertThat(rows(environment, session, 0)).isEmpty();
      assertThat(rows(environment, session, USERS).values())
          .hasSize(USERS)
          .containsOnly("Ada lives in Bern, CH");
      assertThat(next.verify()).isEqualTo(ExitStatus.SUCCESS);
      assertThat(next.batch("reconcile", "--scope", "full")).isEqualTo(ExitStatus.SUCCESS);
      assertThat(step(environment, "reconcile").path("outcome").asText()).isEqualTo("CLEAN");
      PROOF.addLine(
          "after the batch layer's upgrade: fold=%s, %d user repaired, the next reconcile found %d",
          mode,
          afterUpgrade.path("repaired").asInt(),
          step(environment, "reconcile").path("drifted").asInt());
    }
  }

  @Test
  void shouldStopOlderSpeedLayerWhenNewerBatchLayerRepairs() throws Exception {
    TestEnvironment environment = TestEnvironment.in(folder, "older_speed_layer");
    NextRelease next = new NextRelease(environment);
    register(environment, 0);
    try (RunningSpeedLayer layer = environment.startSpeedLayer();
        CqlSession session = environment.pipeline().view().session(TestView.ADMIN)) {
      environment.awaitDrainedBy(layer);
      assertThat(rows(environment, session, 0).values()).containsOnly("Ada lives in null, ch");
      assertThat(next.batch("nightly")).isEqualTo(ExitStatus.SUCCESS);
      assertThat(rows(environment, session, 0).values()).containsOnly("Ada lives in Bern, CH");
      assertThat(layer.ended()).isEqualTo(ExitStatus.USAGE_ERROR);
      assertThat(layer.output()).contains("Decode version %d has written".formatted(NEXT));
    }
    PROOF.addLine("speed layer older than the batch layer: it stopped (USAGE_ERROR)");
    register(environment, USERS);
    try (RunningSpeedLayer layer = next.startSpeedLayer()) {
      environment.awaitDrainedBy(layer);
      assertThat(next.verify()).isEqualTo(ExitStatus.SUCCESS);
    }
  }

  @Test
  void shouldReconcileAllUsersAfterOlderVersionWasAccepted() throws Exception {
    TestEnvironment environment = TestEnvironment.in(folder, "accepted_older_version");
    NextRelease next = new NextRelease(environment);
    register(environment, 0);
    try (RunningSpeedLayer layer = next.startSpeedLayer()) {
      environment.awaitDrainedBy(layer);
    }
    assertThat(next.batch("nightly")).isEqualTo(ExitStatus.SUCCESS);
    assertThat(next.batch("reconcile")).isEqualTo(ExitStatus.SUCCESS);
    assertThat(step(environment, "reconcile").path("scope").asText()).isEqualTo("changed");
    register(environment, USERS);
    TestEnvironment accepting = environment.with("speed-layer.accept-older-version = true");
    try (RunningSpeedLayer layer = accepting.startSpeedLayer();
        CqlSession session = environment.pipeline().view().session(TestView.ADMIN)) {
      accepting.awaitDrainedBy(layer);
      assertThat(rows(environment, session, USERS).values()).containsOnly("Ada lives in null, ch");
    }

    assertThat(next.batch("nightly")).isEqualTo(ExitStatus.SUCCESS);

    assertThat(step(environment, "reconcile").path("scope").asText()).isEqualTo("full");
    assertThat(next.verify()).isEqualTo(ExitStatus.SUCCESS);
    assertThat(environment.batch("nightly", "--accept-older-version"))
        .isEqualTo(ExitStatus.SUCCESS);
    assertThat(step(environment, "reconcile").path("outcome").asText()).isEqualTo("REPAIRED");
    assertThat(next.batch("nightly")).isEqualTo(ExitStatus.SUCCESS);
    assertThat(step(environment, "fold").path("mode").asText()).isEqualTo("FULL");
    assertThat(step(environment, "reconcile").path("scope").asText()).isEqualTo("full");
    assertThat(next.verify()).isEqualTo(ExitStatus.SUCCESS);
    PROOF.addLine(
        "older version accepted, once in each layer: the next reconcile of the newer release compared every user");
  }

  private static void assertThatOlderSpeedLayerRefuses(TestEnvironment environment) {
    try (SpeedLayerInProcess older =
        SpeedLayerInProcess.start(
            environment.settings(),
            new SpeedLayer(SparkSessionSource.shared(BatchLayerInProcess.spark())))) {
      ApplicationResult result = older.result();
      assertThat(result.status()).isEqualTo(ExitStatus.USAGE_ERROR);
      assertThat(result.message())
          .contains("Decode version %d has written".formatted(NEXT), "accept-older-version");
    }
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

  /** Records deletions as {@link NextRelease} reads them. */
  private static void delete(TestEnvironment environment, int first) {
    for (int number = first; number < first + USERS; number++) {
      environment.recordRaw(
          "{\"id\":\"%s\",\"left_at\":\"2024-01-02T12:00:00.%06dZ\"}"
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
