package io.foldlog.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.local.servers.GuardedCommand;
import io.foldlog.local.servers.SparkCommand;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The batch layer as a process of its own ({@link SparkCommand}). */
final class BatchProcess {

  private static final long LIMIT_MINUTES = 5;

  private BatchProcess() {}

  /** How a process ended, and all that it wrote. */
  record Ended(int status, String output) {}

  /** Runs a command; the process ends at the fault point, if there is one of that name. */
  static Ended run(Path folder, String settingsText, String faultPoint, String... arguments)
      throws Exception {
    Path settings = folder.resolve("settings.conf");
    Files.writeString(settings, settingsText);
    List<String> command =
        SparkCommand.of(BatchLayer.class, "batch-layer", 2, "-Dfoldlog.fault-point=" + faultPoint);
    command.addAll(List.of(arguments));
    command.addAll(List.of("--settings", settings.toString()));
    Path output = folder.resolve("output.txt");
    ProcessBuilder builder =
        GuardedCommand.of(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    Process process = GuardedCommand.start(builder);
    try {
      assertThat(process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)).isTrue();
      return new Ended(process.exitValue(), Files.readString(output));
    } finally {
      process.destroyForcibly();
    }
  }
}
