package io.foldlog.speed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The speed layer as a process: by spark-submit with the fat jar where SPARK_HOME says which Spark,
 * else by java on the class path of the tests.
 */
final class SpeedLayerProcess implements AutoCloseable {

  private static final Duration END_LIMIT = Duration.ofMinutes(2);

  private final Process process;
  private final Path output;

  private SpeedLayerProcess(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  static SpeedLayerProcess start(Path settings) {
    return start(settings, 2);
  }

  static SpeedLayerProcess start(Path settings, int taskSlots) {
    try {
      Path output = Files.createTempFile(settings.getParent(), "speed-layer", ".log");
      ProcessBuilder builder =
          new ProcessBuilder(command(settings, taskSlots))
              .redirectErrorStream(true)
              .redirectOutput(output.toFile());
      builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
      return new SpeedLayerProcess(builder.start(), output);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static List<String> command(Path settings, int taskSlots) {
    List<String> command = new ArrayList<>();
    String sparkHome = System.getenv("SPARK_HOME");
    String logging = "-Dlog4j2.configurationFile=classpath:log4j2.properties";
    String master = "local[%d]".formatted(taskSlots);
    if (sparkHome != null) {
      command.add(sparkHome + "/bin/spark-submit");
      command.addAll(List.of("--master", master, "--driver-memory", "768m"));
      command.addAll(List.of("--conf", "spark.ui.enabled=false"));
      command.addAll(List.of("--class", SpeedLayer.class.getName()));
      command.add(Path.of("target", "speed-layer-fat.jar").toAbsolutePath().toString());
    } else {
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(Arrays.asList(System.getProperty("foldlog.spark.opens").split(" ")));
      command.addAll(List.of("-Xmx768m", logging, "-Dspark.master=" + master));
      command.addAll(List.of("-cp", System.getProperty("java.class.path")));
      command.add(SpeedLayer.class.getName());
    }
    command.addAll(List.of("--settings", settings.toString()));
    return command;
  }

  boolean isRunning() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  /** SIGKILL, and the process is gone. */
  void kill() {
    process.destroyForcibly();
    status();
  }

  /** SIGTERM; the status that it ends with. */
  int terminate() {
    process.destroy();
    return status();
  }

  /** The status that it ends with by itself. */
  int status() {
    try {
      if (!process.waitFor(END_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("The speed layer did not end; its output:\n" + output());
      }
      return process.exitValue();
    } catch (InterruptedException interruption) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interruption);
    }
  }

  boolean hasSaid(String words) {
    if (!isRunning()) {
      throw new AssertionError("The speed layer ended with " + status() + ":\n" + output());
    }
    return output().contains(words);
  }

  /** What it wrote to its standard streams. */
  String output() {
    try {
      return Files.readString(output);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    status();
  }
}
