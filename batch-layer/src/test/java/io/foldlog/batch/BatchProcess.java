package io.foldlog.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.local.servers.SparkProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The batch layer as a process of its own ({@link SparkProcess}). */
final class BatchProcess {

  private static final long LIMIT_MINUTES = 5;

  private BatchProcess() {}

  /** How a process ended, and all that it wrote. */
  record Ended(int status, String output) {}

  /** Runs a command to its end. */
  static Ended run(Path folder, String settingsText, String... arguments) throws Exception {
    Path output = folder.resolve("output.txt");
    Path settings = folder.resolve("settings.conf");
    Files.writeString(settings, settingsText);
    List<String> command = new ArrayList<>(List.of(arguments));
    command.addAll(List.of("--settings", settings.toString()));
    Process process = SparkProcess.of(BatchLayer.class, "batch-layer").start(output, command);
    try {
      assertThat(process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)).isTrue();
      return new Ended(process.exitValue(), Files.readString(output));
    } finally {
      process.destroyForcibly();
    }
  }
}
