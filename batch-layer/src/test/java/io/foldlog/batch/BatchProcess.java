package io.foldlog.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The batch layer as a process of its own: by spark-submit where SPARK_HOME says where that is,
 * else with the test's class path.
 */
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
    String fault = "-Dfoldlog.fault-point=" + faultPoint;
    List<String> command = new ArrayList<>();
    String sparkHome = System.getenv("SPARK_HOME");
    if (sparkHome != null) {
      command.addAll(
          List.of(
              Path.of(sparkHome, "bin", "spark-submit").toString(),
              "--master",
              "local[2]",
              "--driver-java-options",
              fault,
              "--class",
              BatchLayer.class.getName(),
              Path.of("target", "batch-layer-fat.jar").toAbsolutePath().toString()));
    } else {
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(List.of(System.getProperty("foldlog.spark.opens").split(" ")));
      command.addAll(
          List.of(
              fault,
              "-Xmx768m",
              "-cp",
              System.getProperty("java.class.path"),
              BatchLayer.class.getName()));
    }
    command.addAll(List.of(arguments));
    command.addAll(List.of("--settings", settings.toString()));
    Path output = folder.resolve("output.txt");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    Process process = builder.start();
    try {
      assertThat(process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)).isTrue();
      return new Ended(process.exitValue(), Files.readString(output));
    } finally {
      process.destroyForcibly();
    }
  }
}
