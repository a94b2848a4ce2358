package io.foldlog.batch;

import static io.foldlog.contract.TestEvents.NOON;
import static io.foldlog.contract.TestEvents.profile;
import static io.foldlog.contract.TestEvents.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.THROWABLE;

import io.foldlog.batch.archive.ArchiveFigures;
import io.foldlog.batch.faultpoint.FaultPoints;
import io.foldlog.runtime.ApplicationResult;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.runtime.StopSignal;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How a run ends after a stop signal. */
class RunEndIT {

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(names = {"INTERRUPTED", "TERMINATED"})
  void shouldStopAfterCurrentStepWithStatusOfSignal(ExitStatus signal) throws Exception {
    BatchPipeline pipeline = BatchPipeline.in(folder);
    pipeline.send(profile(user(1), NOON, "A"));
    StopSignal stop = new StopSignal();
    FaultPoints requestingStop =
        faultPoint -> {
          if (faultPoint.equals("archive.appended")) {
            stop.request(signal);
          }
        };

    ApplicationResult ended =
        pipeline.run(
            BatchLayerInProcess.environment().withFaultPoints(requestingStop),
            stop,
            "nightly",
            "--dry-run");

    assertThat(ended.status()).isEqualTo(signal);
    RunReport report = ended.result(RunReport.class);
    assertThat(report.status()).isEqualTo(signal);
    assertThat(report.figures(ArchiveFigures.class)).as("the completed step").isPresent();
    assertThat(report.steps()).hasSize(1);
    assertThat(pipeline.lake().resolve(".lease-owner")).as("the lease is released").doesNotExist();
  }

  @Test
  void shouldCancelSparkJobsThatStartAfterSignal() throws Exception {
    BatchPipeline pipeline = BatchPipeline.in(folder);
    pipeline.send(profile(user(1), NOON, "A"));
    pipeline.runSuccessfully("archive");
    StopSignal stop = new StopSignal();
    try (WaitingJob job = new WaitingJob(folder)) {
      FaultPoints requestingStop =
          faultPoint -> {
            if (faultPoint.equals("fold.folded")) {
              stop.request(ExitStatus.TERMINATED);
              job.run();
            }
          };

      ApplicationResult ended =
          pipeline.run(
              BatchLayerInProcess.environment().withFaultPoints(requestingStop), stop, "fold");

      assertThat(ended.status()).isEqualTo(ExitStatus.TERMINATED);
      assertThat(ended.result(RunReport.class).status()).isEqualTo(ExitStatus.TERMINATED);
      assertThat(job.failure()).get(THROWABLE).hasMessageContaining("cancelled");
      assertThat(pipeline.rows("users")).isEmpty();
    }
    pipeline.runSuccessfully("fold"); // the lease is free
    assertThat(pipeline.rows("users")).hasSize(1);
  }
}
