package io.foldlog.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunJobsIT {

  private static final long TIMEOUT_SECONDS = 60;

  @TempDir Path folder;

  @Test
  void shouldCancelOnlyJobsOfItsRun() throws Exception {
    CompletableFuture<RunJobs> cancelled = new CompletableFuture<>();
    try (WaitingJob ownJob = job("own");
        WaitingJob otherJob = job("other")) {
      CompletableFuture<Long> own = inRun(cancelled, ownJob);
      CompletableFuture<Long> other = inRun(new CompletableFuture<>(), otherJob);
      await().until(() -> ownJob.isRunning() && otherJob.isRunning());

      cancelled.join().cancel();

      assertThatThrownBy(() -> own.get(TIMEOUT_SECONDS, TimeUnit.SECONDS))
          .hasStackTraceContaining("cancelled");
      assertThat(other).isNotDone();
      otherJob.end();
      assertThat(other.get(TIMEOUT_SECONDS, TimeUnit.SECONDS)).isOne();
    }
    cancelled.join().cancel(); // after the end of the run, as a late signal does
  }

  @Test
  void shouldCancelJobsSubmittedAfterCancel() throws Exception {
    try (WaitingJob job = job("late");
        RunJobs jobs = RunJobs.open(BatchLayerInProcess.spark().sparkContext())) {
      jobs.cancel();

      assertThatThrownBy(job::run).hasStackTraceContaining("cancelled");
    }
    try (WaitingJob job = job("of-the-next-run");
        RunJobs jobs = RunJobs.open(BatchLayerInProcess.spark().sparkContext())) {
      assertThat(jobs).isNotNull();
      job.end();
      assertThat(job.run()).isOne();
    }
  }

  private WaitingJob job(String name) throws Exception {
    return new WaitingJob(Files.createDirectory(folder.resolve(name)));
  }

  private static CompletableFuture<Long> inRun(CompletableFuture<RunJobs> opened, WaitingJob job) {
    return CompletableFuture.supplyAsync(
        () -> {
          try (RunJobs jobs = RunJobs.open(BatchLayerInProcess.spark().sparkContext())) {
            opened.complete(jobs);
            return job.run();
          }
        });
  }
}
