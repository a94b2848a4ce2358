package io.foldlog.batch;

import static io.foldlog.contract.TestEvents.NOON;
import static io.foldlog.contract.TestEvents.profile;
import static io.foldlog.contract.TestEvents.user;
import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.batch.archive.ArchiveFigures;
import io.foldlog.batch.lake.LakeLease;
import io.foldlog.lake.LakeSettings;
import io.foldlog.runtime.ApplicationResult;
import io.foldlog.runtime.ExitStatus;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveIT {

  @TempDir Path folder;

  @Test
  void shouldArchiveEachRecordOnceAndUnchanged() throws Exception {
    BatchPipeline pipeline = BatchPipeline.in(folder);
    pipeline.runSuccessfully("archive");
    assertThat(pipeline.rows("events")).isEmpty();
    pipeline.send(profile(user(1), NOON, "A"), profile(user(2), NOON, "B"));
    pipeline.sendRaw(1, null, "no event".getBytes(StandardCharsets.UTF_8));
    pipeline.sendRaw(0, new byte[] {1}, null);
    pipeline.runSuccessfully("archive");
    pipeline.runSuccessfully("archive");
    assertThat(pipeline.rows("events")).hasSize(4);
    pipeline.send(profile(user(3), NOON, "C"));
    ApplicationResult last = pipeline.run("archive");
    assertThat(pipeline.rows("events")).hasSize(5).doesNotHaveDuplicates();
    assertThat(last.status()).isEqualTo(ExitStatus.SUCCESS);
    RunReport report = last.result(RunReport.class);
    assertThat(report.figures(ArchiveFigures.class).map(ArchiveFigures::records)).contains(1L);
    assertThat(pipeline.reportFile(report).toString())
        .as("the report file equals the result")
        .isEqualTo(last.toJson().get("result").toString());
  }

  @Test
  void shouldRejectArchiveWhoseRowsAnotherWriterRemoved() throws Exception {
    BatchPipeline pipeline = BatchPipeline.in(folder);
    pipeline.sendRaw(0, null, new byte[] {1});
    pipeline.runSuccessfully("archive");
    pipeline.query(
        lake -> {
          lake.events().delta().delete();
          return null;
        });
    ApplicationResult refused = pipeline.run("archive");
    assertThat(refused.status()).isEqualTo(ExitStatus.STATE_MISMATCH);
    assertThat(refused.message()).contains("another writer changed it");
    assertThat(refused.result(RunReport.class).message()).isEqualTo(refused.message());
  }

  @Test
  void shouldNameRunThatHoldsTheLease() throws Exception {
    BatchPipeline pipeline = BatchPipeline.in(folder);
    try (LakeLease lease =
        LakeLease.take(
            new LakeSettings(pipeline.lake().toString(), Optional.empty()),
            "the-other",
            Instant.now())) {
      assertThat(lease).isNotNull();
      ApplicationResult refused = pipeline.run("archive");
      assertThat(refused.status()).isEqualTo(ExitStatus.UNAVAILABLE);
      assertThat(refused.message()).contains("in use by run the-other");
    }
    pipeline.runSuccessfully("archive");
  }
}
