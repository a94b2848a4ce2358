package io.foldlog.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.foldlog.local.servers.CassandraNode;
import io.foldlog.local.servers.KafkaNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Servers that freeze, die and come back while the layer runs. */
class OutageIT {

  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final int USERS = 1_000_000;

  @TempDir private static Path servers;
  private static KafkaNode kafka;
  private static CassandraNode cassandra;

  @TempDir private Path folder;

  @BeforeAll
  static void start() {
    kafka = KafkaNode.in(servers.resolve("kafka"));
    cassandra = CassandraNode.in(servers.resolve("cassandra"));
    kafka.start();
    cassandra.start();
  }

  @AfterAll
  static void end() {
    cassandra.close();
    kafka.close();
  }

  @ParameterizedTest
  @EnumSource(TriggerMode.class)
  void shouldRideOutAShortOutageAndEndAfterALongOne(TriggerMode trigger) throws Exception {
    Stage stage = stage("outage", trigger);
    Path settings =
        stage.settings(
            "speed-layer.trigger = " + trigger.settingName(),
            "speed-layer.outage-limit = 10 seconds",
            "wait.limit = 1 minute");
    try (Load load = Load.start(stage, new UserEvents(4, USERS), 100)) {
      try (SpeedLayerProcess layer = SpeedLayerProcess.start(settings)) {
        await().atMost(LIMIT).until(() -> stage.status().path("written").asLong() > 500);
        cassandra.freeze();
        await().pollDelay(Duration.ofSeconds(4)).until(() -> true);
        cassandra.thaw();
        long sent = load.sent();
        await().atMost(LIMIT).until(() -> stage.status().path("written").asLong() > sent);

        cassandra.kill();
        assertThat(layer.status()).as(layer::output).isEqualTo(6);
        assertThat(layer.output()).contains("Cassandra").doesNotContain("This is a bug");
      }
      cassandra.start();
      try (SpeedLayerProcess layer = SpeedLayerProcess.start(settings)) {
        await().atMost(LIMIT).until(() -> stage.status().path("process").asLong() == layer.pid());
        await().atMost(LIMIT).until(() -> stage.status().path("written").asLong() > 500);
        load.stop();
        kafka.kill();
        assertThat(layer.status()).as(layer::output).isEqualTo(6);
        assertThat(layer.output()).contains("Kafka at").doesNotContain("This is a bug");
      }
      kafka.start();
    }
    assertThat(stage.differencesOnceDrained(settings)).isEmpty();
  }

  /**
   * The history that loses events where the epoch is committed before its writes are acknowledged:
   * writes go to a frozen Cassandra across a commit, then both are killed.
   */
  @ParameterizedTest
  @EnumSource(TriggerMode.class)
  void shouldLoseNothingWhenCassandraFreezesAndDiesWithTheLayer(TriggerMode trigger)
      throws Exception {
    Stage stage = stage("frozen", trigger);
    Path settings = stage.settings("speed-layer.trigger = " + trigger.settingName());
    try (Load load = Load.start(stage, new UserEvents(5, USERS), 60)) {
      try (SpeedLayerProcess layer = SpeedLayerProcess.start(settings)) {
        // no backlog, and fewer writes in a second than may be in flight: the epoch reaches its end
        await()
            .atMost(LIMIT)
            .until(
                () ->
                    stage.committedRecords() > 500
                        && stage.status().path("lag").asLong(Long.MAX_VALUE) < 60);
        cassandra.freeze();
        await().pollDelay(Duration.ofMillis(3_500)).until(() -> true);
        layer.kill();
        cassandra.kill();
      }
      load.stop();
      cassandra.start();
    }
    assertThat(stage.differencesOnceDrained(settings)).isEmpty();
  }

  private Stage stage(String name, TriggerMode trigger) throws InterruptedException {
    String named = name + "_" + trigger.name().toLowerCase(Locale.ROOT);
    return Stage.provisioned(kafka, cassandra, folder, named);
  }
}
