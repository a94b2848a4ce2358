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

/** Servers that freeze, die and come back while layers run. */
class OutageIT {

  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final int USERS = 1_000_000;

  @TempDir private static Path servers;
  private static CassandraNode cassandra;

  /** Of the test that kills it. */
  private static KafkaNode kafka;

  @TempDir private Path folder;
  private final List<RunningLayer> started = new ArrayList<>();

  @BeforeAll
  static void start() {
    cassandra = CassandraNode.in(servers.resolve("cassandra"));
    cassandra.start();
  }

  @AfterEach
  void endLayers() {
    started.forEach(RunningLayer::close);
  }

  @AfterAll
  static void end() {
    cassandra.close();
    if (kafka != null) {
      kafka.close();
    }
  }

  @Test
  @Tag("fault")
  void shouldRideOutAShortOutageAndEndAfterALongOne() throws Exception {
    kafka = KafkaNode.in(servers.resolve("kafka"));
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
    // what was acknowledged before is committed by then
    await().pollDelay(Duration.ofSeconds(3)).until(() -> true);
    Map<RunningLayer, Long> acknowledged = new HashMap<>();
    for (RunningLayer layer : layers) {
      acknowledged.put(layer, layer.pipeline.committedRecords());
    }
    await().pollDelay(Duration.ofSeconds(3)).until(() -> true);
    for (RunningLayer layer : layers) {
      assertThat(layer.pipeline.committedRecords()).isEqualTo(acknowledged.get(layer));
    }
    cassandra.thaw();
    Map<RunningLayer, Long> sent = new HashMap<>();
    layers.forEach(layer -> sent.put(layer, layer.workload.sent()));
    awaitEach(layers, layer -> layer.written() > sent.get(layer));

    cassandra.kill();
    layers.forEach(layer -> layer.assertThatItEnds("Cassandra"));
    cassandra.start();
    startAll(layers, SpeedLayerInProcess::start);
    awaitEach(layers, layer -> layer.written() > 500);
    stopLoads(layers);
    kafka.kill();
    layers.forEach(layer -> layer.assertThatItEnds("Kafka at"));
    kafka.start();
    assertThatNothingIsMissing(layers, SpeedLayerInProcess::start);
  }

  /**
   * The history that loses events where the epoch is committed before its writes are acknowledged:
   * writes go to a frozen Cassandra across a commit, then both are killed.
   */
  @Test
  void shouldLoseNoEpochWhenCassandraFreezesAndDiesWithTheLayer() throws Exception {
    assertThatNothingIsLostWithCassandra(TriggerMode.CONTINUOUS);
  }

  @Test
  @Tag("fault")
  void shouldLoseNoBatchWhenCassandraFreezesAndDiesWithTheLayer() throws Exception {
    assertThatNothingIsLostWithCassandra(TriggerMode.MICRO_BATCH);
  }

  private void assertThatNothingIsLostWithCassandra(TriggerMode trigger) throws Exception {
    List<RunningLayer> layers = layers(SharedServers.kafka(), "frozen", List.of(trigger), 60);
    startAll(layers, SpeedLayerProcess::start);
    // no backlog, and fewer writes in a second than may be in flight: the epoch reaches its end
    awaitEach(
        layers,
        layer ->
            layer.pipeline.committedRecords() > 500
                && layer.pipeline.status().path("lag").asLong(Long.MAX_VALUE) < 60);
    cassandra.freeze();
    await().pollDelay(Duration.ofMillis(3_500)).until(() -> true);
    layers.forEach(layer -> ((SpeedLayerProcess) layer.layer).kill());
    cassandra.kill();
    stopLoads(layers);
    cassandra.start();
    assertThatNothingIsMissing(layers, SpeedLayerInProcess::start);
  }

  /** A layer of each of these triggers, each on a log and a view of its own under load. */
  private List<RunningLayer> layers(
      KafkaService brokers,
      String name,
      List<TriggerMode> triggers,
      int perSecond,
      String... overrides)
      throws Exception {
    for (TriggerMode trigger : triggers) {
      String named = TestNames.unique(name + "_" + trigger.name().toLowerCase(Locale.ROOT));
      Path own = Files.createDirectory(folder.resolve(named));
      TestPipeline pipeline = TestPipeline.provisioned(brokers, cassandra, own, named);
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

  private static void stopLoads(List<RunningLayer> layers) throws InterruptedException {
    for (RunningLayer layer : layers) {
      layer.workload.stop();
    }
  }

  private interface Condition {
    boolean holds(RunningLayer layer) throws Exception;
  }

  /** Of the layer that runs now, not of one before. */
  private static void awaitEach(List<RunningLayer> layers, Condition condition) {
    for (RunningLayer layer : layers) {
      await()
          .atMost(LIMIT)
          .until(
              () ->
                  layer.layer.hasStarted()
                      && layer.layer.wrote(layer.pipeline.status())
                      && condition.holds(layer));
    }
  }

  private static void assertThatNothingIsMissing(List<RunningLayer> layers, Starter starter) {
    for (RunningLayer layer : layers) {
      RunningSpeedLayer restarted = starter.start(layer.settings);
      assertThat(layer.pipeline.differencesOnceDrainedBy(restarted)).isEmpty();
    }
  }

  /** A layer and what it works on. */
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

    void assertThatItEnds(String because) {
      assertThat(layer.ended()).as(layer::output).isEqualTo(ExitStatus.UNAVAILABLE);
      assertThat(layer.output())
          .contains(because)
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
