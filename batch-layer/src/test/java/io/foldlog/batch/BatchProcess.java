package io.foldlog.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.local.servers.SparkProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The batch layer as a process of its own ({@link SparkProcess}). */
final class BatchProcess {

  private static final long LIMIT_MINUTES = 5;

  private BatchProcess() {}

  /** How a process ended, and all that it wrote. */
  record Ended(int status, String output) {}

  /** Runs a command; the process ends at the fault point, if there is one of that name. */
  static Ended run(Path folder, String settingsText, String faultPoint, String... arguments)
      throws Exception {
    Path output = folder.resolve("output.txt");
    return ended(start(folder, output, settingsText, faultPoint, arguments), output);
  }

  /** Runs a command and signals the process after a time, unless it has ended before. */
  static Ended signalled(
      Path folder, String settingsText, Consumer<Process> signal, Duration after, String... command)
      throws Exception {
    Path output = folder.resolve("output.txt");
    Process process = start(folder, output, settingsText, "none", command);
    if (!process.waitFor(after.toMillis(), TimeUnit.MILLISECONDS)) {
      signal.accept(process);
    }
    return ended(process, output);
  }

  private static Ended ended(Process process, Path output) throws Exception {
    try {
      assertThat(process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)).isTrue();
      return new Ended(process.exitValue(), Files.readString(output));
    } finally {
      process.destroyForcibly();
    }
  }

  private static Process start(
      Path folder, Path output, String settingsText, String faultPoint, String... arguments)
      throws IOException {
    Path settings = folder.resolve("settings.conf");
    Files.writeString(settings, settingsText);
    List<String> command = new ArrayList<>(List.of(arguments));
    command.addAll(List.of("--settings", settings.toString()));
    return SparkProcess.start(
        BatchLayer.class,
        "batch-layer",
        2,
        output,
        List.of("-Dfoldlog.fault-point=" + faultPoint),
        command);
  }
}
