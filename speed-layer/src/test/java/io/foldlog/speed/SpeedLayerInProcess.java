package io.foldlog.speed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foldlog.runtime.ApplicationResult;
import io.foldlog.runtime.ApplicationRunner;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.runtime.Settings;
import io.foldlog.runtime.StopSignal;
import io.foldlog.speed.sink.MeterPlugin;
import io.foldlog.testing.kit.TestSpark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.sql.SparkSession;

/** The speed layer in this JVM, on a Spark session that other tests use too. */
public final class SpeedLayerInProcess implements RunningSpeedLayer {

  /** Task slots of {@link #spark}: enough for three continuous queries over two partitions each. */
  public static final int TASK_SLOTS = 6;

  private static final Duration END_TIMEOUT = Duration.ofMinutes(2);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final StopSignal stop = new StopSignal();
  private final Instant startTime = Instant.now();
  private final Path statusFile;
  private final CompletableFuture<ApplicationResult> result = new CompletableFuture<>();

  private SpeedLayerInProcess(Path statusFile) {
    this.statusFile = statusFile;
  }

  /** The Spark session that all layers of this JVM share. */
  public static SparkSession spark() {
    return TestSpark.session(
        () ->
            SparkSession.builder()
                .appName("speed-layer-tests")
                .master("local[%d]".formatted(TASK_SLOTS))
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.ui.enabled", false)
                .config("spark.plugins", MeterPlugin.class.getName())
                .getOrCreate());
  }

  /** Starts a layer on the session of {@link #spark}. */
  public static SpeedLayerInProcess start(Path settings) {
    return start(settings, new SpeedLayer(SparkSessionSource.shared(spark())));
  }

  /** Starts the given layer, which may have other decode rules or another session. */
  public static SpeedLayerInProcess start(Path settings, SpeedLayer layer) {
    Settings loaded = Settings.load(Optional.of(settings), Map.of());
    SpeedLayerInProcess running =
        new SpeedLayerInProcess(SpeedLayerSettings.from(loaded).statusFile());
    Thread thread =
        new Thread(
            () -> {
              try {
                running.result.complete(ApplicationRunner.run(layer, loaded, running.stop));
              } catch (Throwable thrown) {
                running.result.completeExceptionally(thrown);
              }
            },
            "speed-layer");
    thread.setDaemon(true);
    thread.start();
    return running;
  }

  @Override
  public boolean isRunning() {
    return !result.isDone();
  }

  @Override
  public boolean hasStarted() {
    if (!isRunning()) {
      throw new AssertionError("The speed layer ended: " + output());
    }
    try {
      return Files.exists(statusFile) && wrote(JSON.readTree(Files.readAllBytes(statusFile)));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  @Override
  public boolean wrote(JsonNode status) {
    return status.path("process").asLong() == ProcessHandle.current().pid()
        && !Instant.parse(status.path("started").asText()).isBefore(startTime);
  }

  @Override
  public ExitStatus stop() {
    stop.request(ExitStatus.TERMINATED);
    return ended();
  }

  @Override
  public ExitStatus ended() {
    return result().status();
  }

  /** Waits until the layer ends; returns its result. */
  public ApplicationResult result() {
    try {
      return result.get(END_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException interruption) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interruption);
    } catch (ExecutionException | TimeoutException failure) {
      throw new AssertionError("The speed layer did not end in order", failure);
    }
  }

  @Override
  public String output() {
    return isRunning() ? "" : result().status() + " " + result().message();
  }

  @Override
  public void close() {
    stop();
  }
}
