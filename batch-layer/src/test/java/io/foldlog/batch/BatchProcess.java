package io.foldlog.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.local.servers.SparkProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs the batch layer as a separate process ({@link SparkProcess}). */
final class BatchProcess {

  private static final long TIMEOUT_MINUTES = 5;

  private BatchProcess() {}

  /** The exit status of a process, and its output. */
  record Result(int status, String output) {}

  /** Runs a command and waits for its end. */
  static Result run(Path folder, String settingsText, String... arguments) throws Exception {
    Path output = folder.resolve("output.txt");
    Path settings = folder.resolve("settings.conf");
    Files.writeString(settings, settingsText);
    List<String> command = new ArrayList<>(List.of(arguments));
    command.addAll(List.of("--settings", settings.toString()));
    Process process = SparkProcess.of(BatchLayer.class, "batch-layer").start(output, command);
    try {
      assertThat(process.waitFor(TIMEOUT_MINUTES, TimeUnit.MINUTES)).isTrue();
      return new Result(process.exitValue(), Files.readString(output));
    } finally {
      process.destroyForcibly();
    }
  }
}
