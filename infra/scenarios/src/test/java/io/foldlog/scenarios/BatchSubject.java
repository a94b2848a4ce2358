package io.foldlog.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.foldlog.local.servers.Signal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A process of the batch layer, on its way through a step. */
final class BatchSubject implements Subject {

  private static final Duration LIMIT = Duration.ofMinutes(4);

  private final Pipeline pipeline;
  private final Path output;
  private final String command;
  private final String step;
  private final String cutOff;
  private Process process;

  /**
   * Starts it.
   *
   * @param step where it is to be hit
   * @param cutOff the fault point where it ends by itself, or empty
   */
  BatchSubject(Pipeline pipeline, Path output, String command, String step, String cutOff)
      throws IOException {
    this.pipeline = pipeline;
    this.output = output;
    this.command = command;
    this.step = step;
    this.cutOff = cutOff;
    start();
  }

  /** Returns when the step has begun. */
  void awaitStep() {
    await()
        .atMost(LIMIT)
        .until(
            () -> {
              assertThat(process.isAlive() || !cutOff.isEmpty()).as(this::said).isTrue();
              return !process.isAlive() || said().contains("step=" + step);
            });
  }

  /** The status that it ends with. */
  int status() throws InterruptedException {
    assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).as(this::said).isTrue();
    return process.exitValue();
  }

  /** All that it has said. */
  String said() {
    try {
      return Files.readString(output);
    } catch (IOException failure) {
      return failure.toString();
    }
  }

  /** SIGKILL, or its fault point. */
  @Override
  public void kill() {
    if (cutOff.isEmpty()) {
      process.destroyForcibly();
    }
    try {
      assertThat(status()).as(this::said).isEqualTo(137);
    } catch (InterruptedException interruption) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void freeze() {
    Signal.STOP.sendTo(process);
  }

  @Override
  public void thaw() {
    Signal.CONT.sendTo(process);
  }

  @Override
  public void start() throws IOException {
    process =
        cutOff.isEmpty()
            ? pipeline.startBatch(output, command)
            : pipeline.startBatchUpTo(cutOff, output, command);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
