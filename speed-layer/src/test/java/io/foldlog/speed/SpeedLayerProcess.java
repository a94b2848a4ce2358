package io.foldlog.speed;

import io.foldlog.local.servers.Signal;
import io.foldlog.local.servers.SparkProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

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
    return start(settings, process -> process);
  }

  public static SpeedLayerProcess start(Path settings, int taskSlots) {
    return start(settings, process -> process.taskSlots(taskSlots));
  }

  public static SpeedLayerProcess start(Path settings, UnaryOperator<SparkProcess> with) {
    try {
      Path output = Files.createTempFile(settings.getParent(), "speed-layer", ".log");
      SparkProcess process = with.apply(SparkProcess.of(SpeedLayer.class, "speed-layer"));
      return new SpeedLayerProcess(
          process.start(output, List.of("--settings", settings.toString())), output);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
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

  /** Stops its time (SIGSTOP) until {@link #thaw}. */
  public void freeze() {
    Signal.STOP.sendTo(process);
  }

  /** Lets a frozen one go on. */
  public void thaw() {
    Signal.CONT.sendTo(process);
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
