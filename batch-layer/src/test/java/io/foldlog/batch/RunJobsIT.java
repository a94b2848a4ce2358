package io.foldlog.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunJobsIT {

  private static final long LIMIT_SECONDS = 60;

  @TempDir Path folder;

  @Test
  void shouldCancelTheJobsOfItsRunAndNoOther() throws Exception {
    SparkSession spark = BatchLayerInProcess.spark();
    CompletableFuture<RunJobs> cancelled = new CompletableFuture<>();
    CompletableFuture<Long> own = inRun(spark, cancelled, "own");
    CompletableFuture<Long> other = inRun(spark, new CompletableFuture<>(), "other");
    await()
        .until(
            () ->
                Files.exists(folder.resolve("own-runs"))
                    && Files.exists(folder.resolve("other-runs")));

    cancelled.join().cancel();

    assertThatThrownBy(() -> own.get(LIMIT_SECONDS, TimeUnit.SECONDS))
        .hasStackTraceContaining("cancelled");
    assertThat(other).isNotDone();
    Files.createFile(folder.resolve("go"));
    assertThat(other.get(LIMIT_SECONDS, TimeUnit.SECONDS)).isOne();
    cancelled.join().cancel(); // after its end, as a late signal does
  }

  /** A job with one task that runs until the file {@code go} is there. */
  private CompletableFuture<Long> inRun(
      SparkSession spark, CompletableFuture<RunJobs> opened, String name) {
    String runs = folder.resolve(name + "-runs").toString();
    String go = folder.resolve("go").toString();
    MapFunction<Long, Long> waiting =
        number -> {
          Files.createFile(Path.of(runs));
          await().atMost(LIMIT_SECONDS, TimeUnit.SECONDS).until(() -> Files.exists(Path.of(go)));
          return number;
        };
    return CompletableFuture.supplyAsync(
        () -> {
          try (RunJobs jobs = RunJobs.open(spark.sparkContext())) {
            opened.complete(jobs);
            return (long)
                spark.range(0, 1, 1, 1).map(waiting, Encoders.LONG()).collectAsList().size();
          }
        });
  }
}
