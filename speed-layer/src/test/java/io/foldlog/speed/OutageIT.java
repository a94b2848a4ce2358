package io.foldlog.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.foldlog.contract.TestEventStream;
import io.foldlog.local.servers.CassandraNode;
import io.foldlog.local.servers.KafkaNode;
import io.foldlog.local.servers.KafkaService;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.testing.kit.SharedServers;
import io.foldlog.testing.kit.TestNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers that are frozen, killed and restarted while speed layers run. */
class OutageIT {

  private static final Duration TIMEOUT = Duration.ofMinutes(3);
  private static final int USERS = 1_000_000;

  @TempDir private static Path servers;
  private static CassandraNode cassandra;

  @TempDir private Path folder;

  /** Only for tests that kill it. */
  private KafkaNode kafka;

  private final List<RunningLayer> started = new ArrayList<>();

  @BeforeAll
  static void start() {
    cassandra = CassandraNode.in(servers.resolve("cassandra"));
    cassandra.start();
  }

  @AfterEach
  void closeLayersAndKafka() {
    started.forEach(RunningLayer::close);
    if (kafka != null) {
      kafka.close();
    }
  }

  @AfterAll
  static void end() {
    cassandra.close();
  }

  @Test
  @Tag("fault")
  void shouldContinueAfterShortOutageAndFailAfterOutageTimeout() throws Exception {
    kafka = KafkaNode.in(folder.resolve("kafka"));
    kafka.start();
    List<RunningLayer> layers =
        layers(
            kafka,
            "outage",
            List.of(TriggerMode.values()),
            100,
            "speed-layer.outage-timeout = 10 seconds",
            "runtime.startup-timeout = 1 minute");
    startAll(layers, SpeedLayerInProcess::start);
    awaitEach(layers, layer -> layer.written() > 500);
    cassandra.freeze();
    // by then, records acknowledged before the freeze are committed
    await().pollDelay(Duration.ofSeconds(3)).until(() -> true);
    Map<RunningLayer, Long> committed = new HashMap<>();
    for (RunningLayer layer : layers) {
      committed.put(layer, layer.pipeline.committedRecords());
    }
    await().pollDelay(Duration.ofSeconds(3)).until(() -> true);
    for (RunningLayer layer : layers) {
      assertThat(layer.pipeline.committedRecords()).isEqualTo(committed.get(layer));
    }
    cassandra.resume();
    Map<RunningLayer, Long> sent = new HashMap<>();
    layers.forEach(layer -> sent.put(layer, layer.workload.sent()));
    awaitEach(layers, layer -> layer.written() > sent.get(layer));

    cassandra.kill();
    layers.forEach(layer -> layer.assertFailsWith("Cassandra"));
    cassandra.start();
    startAll(layers, SpeedLayerInProcess::start);
    awaitEach(layers, layer -> layer.written() > 500);
    stopWorkloads(layers);
    kafka.kill();
    layers.forEach(layer -> layer.assertFailsWith("Kafka at"));
    kafka.start();
    assertViewEqualsLog(layers, SpeedLayerInProcess::start);
  }

  /**
   * A restart of the broker is a change of leaders. Records that are read after it are past the end
   * of the earlier leader epoch, which is no loss.
   */
  @Test
  @Tag("fault")
  void shouldReadOnAfterChangesOfLeaders() throws Exception {
    kafka = KafkaNode.in(folder.resolve("kafka"));
    kafka.start();
    List<RunningLayer> layers = layers(kafka, "leaders", List.of(TriggerMode.values()), 100);
    startAll(layers, SpeedLayerInProcess::start);
    awaitEach(layers, layer -> layer.written() > 500);

    for (int restart = 0; restart < 2; restart++) {
      kafka.kill();
      kafka.start();
      Map<RunningLayer, Long> sent = new HashMap<>();
      layers.forEach(layer -> sent.put(layer, layer.workload.sent()));
      awaitEach(layers, layer -> layer.written() > sent.get(layer));
    }

    stopWorkloads(layers);
    for (RunningLayer layer : layers) {
      assertThat(layer.pipeline.differencesOnceDrainedBy(layer.layer)).isEmpty();
    }
  }

  /**
   * Loses events if an epoch is committed before its writes are acknowledged: Cassandra is frozen
   * during a commit, then Cassandra and the layer are killed.
   */
  @Test
  void shouldLoseNoEpochWhenCassandraAndLayerAreKilled() throws Exception {
    assertNoEventIsLost(TriggerMode.CONTINUOUS);
  }

  @Test
  @Tag("fault")
  void shouldLoseNoBatchWhenCassandraAndLayerAreKilled() throws Exception {
    assertNoEventIsLost(TriggerMode.MICRO_BATCH);
  }

  private void assertNoEventIsLost(TriggerMode trigger) throws Exception {
    List<RunningLayer> layers = layers(SharedServers.kafka(), "frozen", List.of(trigger), 60);
    startAll(layers, SpeedLayerProcess::start);
    // without backlog and with fewer writes per second than allowed in flight, the epoch can end
    awaitEach(
        layers,
        layer ->
            layer.pipeline.committedRecords() > 500
                && layer.pipeline.status().path("lag").asLong(Long.MAX_VALUE) < 60);
    cassandra.freeze();
    await().pollDelay(Duration.ofMillis(3_500)).until(() -> true);
    layers.forEach(layer -> ((SpeedLayerProcess) layer.layer).kill());
    cassandra.kill();
    stopWorkloads(layers);
    cassandra.start();
    assertViewEqualsLog(layers, SpeedLayerInProcess::start);
  }

  /** A layer for each trigger, each with a dedicated log, view and workload. */
  private List<RunningLayer> layers(
      KafkaService brokers,
      String name,
      List<TriggerMode> triggers,
      int perSecond,
      String... overrides)
      throws Exception {
    for (TriggerMode trigger : triggers) {
      String uniqueName = TestNames.unique(name + "_" + trigger.name().toLowerCase(Locale.ROOT));
      Path layerFolder = Files.createDirectory(folder.resolve(uniqueName));
      TestPipeline pipeline = TestPipeline.provisioned(brokers, cassandra, layerFolder, uniqueName);
      List<String> settings = new ArrayList<>(List.of(overrides));
      settings.add("speed-layer.trigger = " + trigger.settingName());
      Path file = pipeline.settings(settings.toArray(String[]::new));
      started.add(
          new RunningLayer(
              pipeline, file, Workload.start(pipeline, new TestEventStream(4, USERS), perSecond)));
    }
    return started;
  }

  private interface Starter {
    RunningSpeedLayer start(Path settings);
  }

  private static void startAll(List<RunningLayer> layers, Starter starter) {
    layers.forEach(layer -> layer.layer = starter.start(layer.settings));
  }

  private static void stopWorkloads(List<RunningLayer> layers) throws InterruptedException {
    for (RunningLayer layer : layers) {
      layer.workload.stop();
    }
  }

  private interface Condition {
    boolean holds(RunningLayer layer) throws Exception;
  }

  /**
   * Waits until the condition holds for each running layer, ignoring the status of earlier ones.
   */
  private static void awaitEach(List<RunningLayer> layers, Condition condition) {
    for (RunningLayer layer : layers) {
      await()
          .atMost(TIMEOUT)
          .until(
              () ->
                  layer.layer.hasStarted()
                      && layer.layer.wrote(layer.pipeline.status())
                      && condition.holds(layer));
    }
  }

  private static void assertViewEqualsLog(List<RunningLayer> layers, Starter starter) {
    for (RunningLayer layer : layers) {
      RunningSpeedLayer restarted = starter.start(layer.settings);
      assertThat(layer.pipeline.differencesOnceDrainedBy(restarted)).isEmpty();
    }
  }

  /** A speed layer with its pipeline and workload. */
  private static final class RunningLayer implements AutoCloseable {

    private final TestPipeline pipeline;
    private final Path settings;
    private final Workload workload;
    private RunningSpeedLayer layer;

    private RunningLayer(TestPipeline pipeline, Path settings, Workload workload) {
      this.pipeline = pipeline;
      this.settings = settings;
      this.workload = workload;
    }

    long written() throws IOException {
      return pipeline.status().path("written").asLong();
    }

    void assertFailsWith(String message) {
      assertThat(layer.ended()).as(layer::output).isEqualTo(ExitStatus.UNAVAILABLE);
      assertThat(layer.output())
          .contains(message)
          .doesNotContain("INTERNAL_ERROR", "event=internal_error");
    }

    @Override
    public void close() {
      workload.close();
      if (layer != null) {
        layer.close();
      }
    }
  }
}
