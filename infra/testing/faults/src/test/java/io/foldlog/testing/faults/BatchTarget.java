package io.foldlog.testing.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.foldlog.testing.scenarios.TestEnvironment;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A batch layer process during one step. */
final class BatchTarget extends ProcessTarget {

  private static final Duration TIMEOUT = Duration.ofMinutes(4);

  private final TestEnvironment environment;
  private final List<String> command;
  private final String step;
  private final boolean hasHaltPoint;
  private final Deque<String> haltPoints;

  /**
   * Starts the process.
   *
   * @param step during which the fault happens
   * @param haltPoints the fault points at which the process ends, one for each start
   */
  BatchTarget(
      TestEnvironment environment,
      Path output,
      List<String> command,
      String step,
      List<String> haltPoints)
      throws IOException {
    super(output);
    this.environment = environment;
    this.command = command;
    this.step = step;
    this.hasHaltPoint = !haltPoints.isEmpty();
    this.haltPoints = new ArrayDeque<>(haltPoints);
    start();
  }

  /** Waits until the step has started. */
  void awaitStep() {
    await()
        .atMost(TIMEOUT)
        .until(
            () -> {
              assertThat(process().isAlive() || hasHaltPoint).as(this::output).isTrue();
              return !process().isAlive() || output().contains("step=" + step);
            });
  }

  int awaitExitStatus() throws InterruptedException {
    assertThat(process().waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).as(this::output).isTrue();
    return process().exitValue();
  }

  /** Sends SIGKILL, or waits until the process ends at its fault point. */
  @Override
  public void kill() {
    if (!hasHaltPoint) {
      process().destroyForcibly();
    }
    try {
      assertThat(awaitExitStatus()).as(this::output).isEqualTo(137);
    } catch (InterruptedException interruption) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  Process launch(Path output) throws IOException {
    String[] arguments = command.toArray(String[]::new);
    return hasHaltPoint
        ? environment.startBatchWithFaultPoint(haltPoints.remove(), output, arguments)
        : environment.startBatch(output, arguments);
  }
}
