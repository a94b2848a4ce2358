package io.foldlog.speed;

import io.foldlog.local.servers.SparkProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The speed layer as a process ({@link SparkProcess}). */
public final class SpeedLayerProcess implements AutoCloseable {

  private static final Duration END_LIMIT = Duration.ofMinutes(2);

  private final Process process;
  private final Path output;

  private SpeedLayerProcess(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  public static SpeedLayerProcess start(Path settings) {
    return start(settings, 2);
  }

  public static SpeedLayerProcess start(Path settings, int taskSlots) {
    try {
      Path output = Files.createTempFile(settings.getParent(), "speed-layer", ".log");
      Process process =
          SparkProcess.start(
              SpeedLayer.class,
              "speed-layer",
              taskSlots,
              output,
              List.of(),
              List.of("--settings", settings.toString()));
      return new SpeedLayerProcess(process, output);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** With classes of another release in place of its own. */
  public static SpeedLayerProcess startPatched(Path classes, Path settings) throws IOException {
    Path output = Files.createTempFile(settings.getParent(), "speed-layer", ".log");
    Process process =
        SparkProcess.startPatched(
            classes,
            SpeedLayer.class,
            "speed-layer",
            2,
            output,
            List.of("--settings", settings.toString()));
    return new SpeedLayerProcess(process, output);
  }

  public boolean isRunning() {
    return process.isAlive();
  }

  public long pid() {
    return process.pid();
  }

  /** SIGKILL, and the process is gone. */
  public void kill() {
    process.destroyForcibly();
    status();
  }

  /** SIGTERM; the status that it ends with. */
  public int terminate() {
    process.toHandle().destroy(); // Process.destroy would end the guard's pipe as well
    return status();
  }

  /** The status that it ends with by itself. */
  public int status() {
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

  public boolean hasSaid(String words) {
    if (!isRunning()) {
      throw new AssertionError("The speed layer ended with " + status() + ":\n" + output());
    }
    return output().contains(words);
  }

  /** What it wrote to its standard streams. */
  public String output() {
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
