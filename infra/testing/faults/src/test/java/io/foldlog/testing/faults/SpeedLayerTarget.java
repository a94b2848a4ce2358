package io.foldlog.testing.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.foldlog.log.LogOffsets;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.speed.SpeedLayerProcess;
import io.foldlog.speed.TestPipeline;
import java.nio.file.Path;
import java.time.Duration;

/** The speed layer with one trigger, on a separate view. */
final class SpeedLayerTarget implements FaultTarget {

  private static final Duration DRAIN_TIMEOUT = Duration.ofMinutes(4);

  private final TestPipeline pipeline;
  private final Path settings;
  private SpeedLayerProcess layer;
  private int outageRestarts;

  SpeedLayerTarget(TestPipeline pipeline, Path settings) {
    this.pipeline = pipeline;
    this.settings = settings;
    start();
  }

  TestPipeline pipeline() {
    return pipeline;
  }

  /** How often the speed layer ended in a long outage and was restarted. */
  int outageRestarts() {
    return outageRestarts;
  }

  /** Waits until the process has written an event. Before that, a fault cannot lose anything. */
  void awaitWriting() {
    await()
        .alias(pipeline.keyspace() + " is written")
        .atMost(DRAIN_TIMEOUT)
        .until(
            () -> {
              restartAfterOutage();
              return pipeline.status().path("process").asLong() == layer.pid()
                  && pipeline.status().path("written").asLong() > 0;
            });
  }

  /** Waits until the process has written all events before these offsets. */
  void awaitWritten(LogOffsets end) {
    await()
        .alias(pipeline.keyspace() + " drains up to " + end)
        .atMost(DRAIN_TIMEOUT)
        .until(
            () -> {
              restartAfterOutage();
              return pipeline.hasWritten(end, layer.pid());
            });
  }

  /** Restarts the process if an outage has ended it. Fails on any other exit status. */
  private void restartAfterOutage() {
    if (!layer.isRunning()) {
      assertThat(layer.status()).as(layer::output).isEqualTo(ExitStatus.UNAVAILABLE.code());
      outageRestarts++;
      start();
    }
  }

  @Override
  public void kill() {
    layer.kill();
  }

  @Override
  public void freeze() {
    layer.freeze();
  }

  @Override
  public void resume() {
    layer.resume();
  }

  @Override
  public void start() {
    layer = SpeedLayerProcess.start(settings);
  }

  @Override
  public void close() {
    layer.close();
  }
}
