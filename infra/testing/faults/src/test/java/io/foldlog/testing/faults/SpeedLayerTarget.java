package io.foldlog.testing.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.foldlog.log.LogOffsets;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.speed.SpeedLayerProcess;
import io.foldlog.speed.TestPipeline;
import java.nio.file.Path;
import java.time.Duration;

/** The speed layer of one trigger, on a view of its own. */
final class SpeedLayerTarget implements FaultTarget {

  private static final Duration DRAIN_LIMIT = Duration.ofMinutes(4);

  private final TestPipeline pipeline;
  private final Path settings;
  private SpeedLayerProcess layer;
  private int startedAgain;

  SpeedLayerTarget(TestPipeline pipeline, Path settings) {
    this.pipeline = pipeline;
    this.settings = settings;
    start();
  }

  TestPipeline pipeline() {
    return pipeline;
  }

  /** How often it ended by itself, as it does in an outage that lasts, and was started again. */
  int startedAgain() {
    return startedAgain;
  }

  /** Returns when it has begun to write: only then there is something to lose. */
  void awaitWriting() {
    await()
        .alias(pipeline.keyspace() + " is written")
        .atMost(DRAIN_LIMIT)
        .until(
            () -> {
              startIfEnded();
              return pipeline.status().path("process").asLong() == layer.pid()
                  && pipeline.status().path("written").asLong() > 0;
            });
  }

  /** Returns when it has written all of the log up to there. */
  void awaitWritten(LogOffsets end) {
    await()
        .alias(pipeline.keyspace() + " drains up to " + end)
        .atMost(DRAIN_LIMIT)
        .until(
            () -> {
              startIfEnded();
              return pipeline.hasWritten(end, layer.pid());
            });
  }

  /** It may end in an outage, and with no other status. */
  private void startIfEnded() {
    if (!layer.isRunning()) {
      assertThat(layer.status()).as(layer::output).isEqualTo(ExitStatus.UNAVAILABLE.code());
      startedAgain++;
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
  public void thaw() {
    layer.thaw();
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
