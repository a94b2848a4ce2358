package io.foldlog.speed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foldlog.local.servers.Signal;
import io.foldlog.local.servers.SparkProcess;
import io.foldlog.runtime.ExitStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** The speed layer as a separate process ({@link SparkProcess}). */
public final class SpeedLayerProcess implements RunningSpeedLayer {

  private static final Duration END_TIMEOUT = Duration.ofMinutes(2);

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Process process;
  private final Path output;
  private final Path result;

  private SpeedLayerProcess(Process process, Path output, Path result) {
    this.process = process;
    this.output = output;
    this.result = result;
  }

  public static SpeedLayerProcess start(Path settings) {
    return start(settings, process -> process);
  }

  public static SpeedLayerProcess start(Path settings, int taskSlots) {
    return start(settings, process -> process.taskSlots(taskSlots));
  }

  public static SpeedLayerProcess start(Path settings, UnaryOperator<SparkProcess> configure) {
    try {
      Path output = Files.createTempFile(settings.getParent(), "speed-layer", ".log");
      SparkProcess process = configure.apply(SparkProcess.of(SpeedLayer.class, "speed-layer"));
      Path result = output.resolveSibling(output.getFileName() + ".result.json");
      List<String> arguments =
          List.of("--settings", settings.toString(), "--result", result.toString());
      return new SpeedLayerProcess(process.start(output, arguments), output, result);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  @Override
  public boolean isRunning() {
    return process.isAlive();
  }

  @Override
  public boolean hasStarted() {
    return hasLogged("event=started layer=speed-layer");
  }

  @Override
  public boolean wrote(JsonNode status) {
    return status.path("process").asLong() == pid();
  }

  @Override
  public ExitStatus stop() {
    terminate();
    return ended();
  }

  @Override
  public ExitStatus ended() {
    int status = status();
    return Arrays.stream(ExitStatus.values())
        .filter(known -> known.code() == status)
        .findFirst()
        .orElseThrow(() -> new AssertionError("status " + status + ":\n" + output()));
  }

  /** Waits until the process ends; returns its result file. */
  public JsonNode result() throws IOException {
    status();
    return JSON.readTree(result.toFile());
  }

  public long pid() {
    return process.pid();
  }

  /** Sends SIGKILL and waits until the process has ended. */
  public void kill() {
    process.destroyForcibly();
    status();
  }

  /** Sends SIGSTOP: the process does nothing until {@link #resume}. */
  public void freeze() {
    Signal.STOP.sendTo(process);
  }

  /** Sends SIGCONT, which resumes a frozen process. */
  public void resume() {
    Signal.CONT.sendTo(process);
  }

  /** Sends SIGTERM; returns the exit status. */
  public int terminate() {
    process.toHandle().destroy(); // Process.destroy would also close the watcher's pipe
    return status();
  }

  /** Waits until the process ends; returns its exit status. */
  public int status() {
    try {
      if (!process.waitFor(END_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("The speed layer did not end; its output:\n" + output());
      }
      return process.exitValue();
    } catch (InterruptedException interruption) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interruption);
    }
  }

  public boolean hasLogged(String text) {
    if (!isRunning()) {
      throw new AssertionError("The speed layer ended with " + status() + ":\n" + output());
    }
    return output().contains(text);
  }

  /** The process's standard output and standard error. */
  @Override
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
