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

  private static final long TIMEOUT_SECONDS = 60;

  private final Path startedFile;
  private final Path endFile;
  private volatile Exception failure;

  /** Creates the job. Its task ends when a file exists in the folder. */
  WaitingJob(Path folder) {
    this.startedFile = folder.resolve("job-started");
    this.endFile = folder.resolve("job-may-end");
  }

  /** Runs the job with the job tags of the calling thread. */
  long run() {
    String started = startedFile.toString();
    String end = endFile.toString();
    MapFunction<Long, Long> waiting =
        number -> {
          Files.createFile(Path.of(started));
          await().atMost(TIMEOUT_SECONDS, TimeUnit.SECONDS).until(() -> Files.exists(Path.of(end)));
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

  Optional<Exception> failure() {
    return Optional.ofNullable(failure);
  }

  boolean isRunning() {
    return Files.exists(startedFile) && !Files.exists(endFile);
  }

  /** Lets the task end. */
  void end() throws IOException {
    if (!Files.exists(endFile)) {
      Files.createFile(endFile);
    }
  }

  @Override
  public void close() throws IOException {
    end();
  }
}
