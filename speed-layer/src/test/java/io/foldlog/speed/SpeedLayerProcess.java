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

/** The speed layer as a process ({@link SparkProcess}). */
public final class SpeedLayerProcess implements RunningSpeedLayer {

  private static final Duration END_LIMIT = Duration.ofMinutes(2);

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

  public static SpeedLayerProcess start(Path settings, UnaryOperator<SparkProcess> with) {
    try {
      Path output = Files.createTempFile(settings.getParent(), "speed-layer", ".log");
      SparkProcess process = with.apply(SparkProcess.of(SpeedLayer.class, "speed-layer"));
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
    return hasSaid("event=started layer=speed-layer");
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

  /** The file of {@code --result}, once it has ended. */
  public JsonNode result() throws IOException {
    status();
    return JSON.readTree(result.toFile());
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
