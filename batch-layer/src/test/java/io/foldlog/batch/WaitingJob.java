package io.foldlog.batch;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Encoders;

/** A Spark job with one task that runs until {@link #end} or {@link #close}. */
final class WaitingJob implements AutoCloseable {

  private static final long LIMIT_SECONDS = 60;

  private final Path runs;
  private final Path go;
  private volatile Exception failure;

  /** One whose task waits for a file in the folder. */
  WaitingJob(Path folder) {
    this.runs = folder.resolve("job-runs");
    this.go = folder.resolve("job-may-end");
  }

  /** Runs it, by this thread's rights in the shared context. */
  long run() {
    String started = runs.toString();
    String end = go.toString();
    MapFunction<Long, Long> waiting =
        number -> {
          Files.createFile(Path.of(started));
          await().atMost(LIMIT_SECONDS, TimeUnit.SECONDS).until(() -> Files.exists(Path.of(end)));
          return number;
        };
    try {
      return BatchLayerInProcess.spark()
          .range(0, 1, 1, 1)
          .map(waiting, Encoders.LONG())
          .collectAsList()
          .size();
    } catch (Exception ended) {
      failure = ended;
      throw ended;
    }
  }

  /** What it failed with. */
  Optional<Exception> failure() {
    return Optional.ofNullable(failure);
  }

  boolean isRunning() {
    return Files.exists(runs) && !Files.exists(go);
  }

  /** Lets the task end. */
  void end() throws IOException {
    if (!Files.exists(go)) {
      Files.createFile(go);
    }
  }

  @Override
  public void close() throws IOException {
    end();
  }
}
