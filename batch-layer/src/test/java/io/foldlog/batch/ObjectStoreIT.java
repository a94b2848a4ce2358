package io.foldlog.batch;

import static io.foldlog.contract.TestEvents.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.THROWABLE;

import io.foldlog.batch.faultpoint.FaultPoints;
import io.foldlog.batch.lake.LakeLease;
import io.foldlog.batch.reconcile.ReconcileFigures;
import io.foldlog.batch.reconcile.ReconcileOutcome;
import io.foldlog.contract.TestEvents;
import io.foldlog.contract.UserEvent;
import io.foldlog.lake.LakeSettings;
import io.foldlog.local.servers.ObjectStore;
import io.foldlog.runtime.ApplicationResult;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.runtime.Settings;
import io.foldlog.runtime.StopSignal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The batch layer with its lake in an S3-compatible store. */
class ObjectStoreIT {

  private static final String BUCKET = "lake";

  @TempDir private static Path storeFolder;
  private static ObjectStore store;

  @TempDir private Path folder;

  @BeforeAll
  static void start() throws Exception {
    store = ObjectStore.in(storeFolder);
    store.createBucket(BUCKET);
    store.start();
  }

  @AfterAll
  static void end() {
    store.close();
  }

  private static String settings(String name) {
    return """
        lake {
          root = "s3a://%s/%s"
          s3 { endpoint = "%s", path-style-access = true, access-key = %s, secret-key-file = "%s" }
        }
        """
        .formatted(BUCKET, name, store.endpoint(), ObjectStore.ACCESS_KEY, store.secretKey());
  }

  @Test
  void shouldArchiveFoldAndReconcileWithLakeInObjectStore() throws Exception {
    try (View view = View.in(folder)) {
      BatchPipeline pipeline =
          BatchPipeline.in(
              folder,
              BatchLayerInProcess.SMALL_LAKE + "\n" + view.settingsText() + settings("nightly"));
      List<UserEvent> events = TestEvents.history(100);
      pipeline.send(events);
      view.write(events);
      view.damage("DELETE FROM T WHERE id = ?", user(1));
      view.damage("INSERT INTO T (id, email) VALUES (?, 'ghost@example.org')", user(9000));

      ReconcileFigures repaired =
          pipeline
              .runSuccessfully("nightly", "--scope", "full")
              .figures(ReconcileFigures.class)
              .orElseThrow();
      assertThat(repaired.outcome()).isEqualTo(ReconcileOutcome.REPAIRED);
      assertThat(repaired.findings()).containsEntry("missing", 1L).containsEntry("ghost", 1L);
      assertThat(view.differences(events)).isEmpty();
      assertThat(
              pipeline
                  .runSuccessfully("nightly", "--scope", "full")
                  .figures(ReconcileFigures.class)
                  .map(ReconcileFigures::outcome))
          .contains(ReconcileOutcome.CLEAN);
      assertThat(pipeline.rows("events")).hasSize(events.size());
      assertThat(pipeline.rows("users")).hasSize(100);
    }
    assertThat(storeFolder.resolve("data/lake/nightly/events/_delta_log")).isNotEmptyDirectory();
    assertThat(folder.resolve("lake")).doesNotExist();
  }

  @Test
  void shouldNameRunThatHoldsTheLease() throws Exception {
    BatchPipeline pipeline =
        BatchPipeline.in(folder, BatchLayerInProcess.SMALL_LAKE + "\n" + settings("held"));
    assertThat(pipeline.run("preflight").isSuccess()).isTrue();
    LakeSettings lake = LakeSettings.from(Settings.of(pipeline.settingsText()));
    try (LakeLease other = LakeLease.take(lake, "the-other", Instant.now())) {
      other.require();
      ApplicationResult refused = pipeline.run("archive");
      assertThat(refused.status()).isEqualTo(ExitStatus.UNAVAILABLE);
      assertThat(refused.message()).contains("in use by run the-other");
    }
    pipeline.runSuccessfully("archive");
  }

  @Test
  void shouldExitWithUnavailableWhenLeaseIsLost() throws Exception {
    BatchPipeline pipeline =
        BatchPipeline.in(folder, BatchLayerInProcess.SMALL_LAKE + "\n" + settings("lost"));
    pipeline.send(TestEvents.profile(user(1), TestEvents.NOON, "A"));
    Path leases = storeFolder.resolve("data/lake/lost/.lease");
    try (WaitingJob job = new WaitingJob(folder)) {
      FaultPoints losingLease =
          faultPoint -> {
            if (faultPoint.equals("archive.planned")) {
              takeOver(leases);
              job.run(); // runs until the lease detects the loss and cancels the run's jobs
            }
          };

      ApplicationResult ended =
          pipeline.run(
              BatchLayerInProcess.environment().withFaultPoints(losingLease),
              new StopSignal(),
              "archive");

      assertThat(ended.status()).isEqualTo(ExitStatus.UNAVAILABLE);
      assertThat(ended.message()).contains("The lease of the lake", "was lost");
      assertThat(ended.result(RunReport.class).steps()).isEmpty();
      assertThat(job.failure()).get(THROWABLE).hasMessageContaining("cancelled");
    }
    assertThat(pipeline.rows("events")).isEmpty();
    assertThat(leases.resolve("%020d".formatted(2)))
        .as("the lease of the other run")
        .hasContent("run the-other");
  }

  /** Creates the next lease, as another run does after the first lease has expired. */
  private static void takeOver(Path leases) {
    try {
      Files.writeString(leases.resolve("%020d".formatted(2)), "run the-other");
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  @Test
  void shouldNameSettingsWhenObjectStoreIsNotUsable() throws Exception {
    Path wrong = Files.writeString(folder.resolve("wrong"), "wrong\n");
    Files.setPosixFilePermissions(
        wrong, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
    // a separate bucket, because Hadoop caches one client for each bucket
    store.createBucket("refused");
    for (String wrongSettings :
        List.of(
            "lake { root = \"s3a://refused/lake\", s3.secret-key-file = \"%s\" }".formatted(wrong),
            "lake.root = \"s3a://no-such-bucket/lake\"")) {
      BatchPipeline pipeline = BatchPipeline.in(folder, settings("unusable") + wrongSettings);
      ApplicationResult refused = pipeline.run("archive");
      assertThat(refused.status()).isEqualTo(ExitStatus.USAGE_ERROR);
      assertThat(refused.message()).contains("Correct the settings lake.root and lake.s3");
    }
    BatchPipeline other = BatchPipeline.in(folder, "lake.root = \"gs://bucket/lake\"");
    ApplicationResult refused = other.run("archive");
    assertThat(refused.status()).isEqualTo(ExitStatus.USAGE_ERROR);
    assertThat(refused.message()).contains("lake.root", "s3a://bucket/folder");
  }
}
