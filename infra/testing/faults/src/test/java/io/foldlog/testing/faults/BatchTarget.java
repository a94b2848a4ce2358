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

/** A process of the batch layer, on its way through a step. */
final class BatchTarget extends ProcessTarget {

  private static final Duration LIMIT = Duration.ofMinutes(4);

  private final TestEnvironment environment;
  private final List<String> command;
  private final String step;
  private final boolean cutOff;
  private final Deque<String> cutOffs;

  /**
   * Starts it.
   *
   * @param step where it is to be hit
   * @param cutOffs the fault points where it ends by itself, one each time that it is started
   */
  BatchTarget(
      TestEnvironment environment,
      Path output,
      List<String> command,
      String step,
      List<String> cutOffs)
      throws IOException {
    super(output);
    this.environment = environment;
    this.command = command;
    this.step = step;
    this.cutOff = !cutOffs.isEmpty();
    this.cutOffs = new ArrayDeque<>(cutOffs);
    start();
  }

  /** Returns when the step has begun. */
  void awaitStep() {
    await()
        .atMost(LIMIT)
        .until(
            () -> {
              assertThat(process().isAlive() || cutOff).as(this::said).isTrue();
              return !process().isAlive() || said().contains("step=" + step);
            });
  }

  /** The status that it ends with. */
  int status() throws InterruptedException {
    assertThat(process().waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).as(this::said).isTrue();
    return process().exitValue();
  }

  /** SIGKILL, or its fault point. */
  @Override
  public void kill() {
    if (!cutOff) {
      process().destroyForcibly();
    }
    try {
      assertThat(status()).as(this::said).isEqualTo(137);
    } catch (InterruptedException interruption) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  Process launch(Path output) throws IOException {
    String[] arguments = command.toArray(String[]::new);
    return cutOff
        ? environment.startBatchUpTo(cutOffs.remove(), output, arguments)
        : environment.startBatch(output, arguments);
  }
}
