package io.foldlog.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.foldlog.local.servers.CassandraNode;
import io.foldlog.local.servers.KafkaNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Servers that go away while the layer runs. */
class OutageIT {

  private static final Duration LIMIT = Duration.ofMinutes(2);

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource(TriggerMode.class)
  void shouldRideOutAShortOutageAndEndAfterALongOne(TriggerMode trigger) throws Exception {
    try (KafkaNode kafka = KafkaNode.in(folder.resolve("kafka"));
        CassandraNode cassandra = CassandraNode.in(folder.resolve("cassandra"))) {
      kafka.start();
      cassandra.start();
      Stage stage =
          Stage.provisioned(
              kafka, cassandra, folder, "outage_" + trigger.name().toLowerCase(Locale.ROOT));
      Path settings =
          stage.settings(
              "speed-layer.trigger = " + trigger.settingName(),
              "speed-layer.outage-limit = 10 seconds",
              "wait.limit = 1 minute");
      try (Load load = Load.start(stage, new UserEvents(4, 1_000_000), 100)) {
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
        try (SpeedLayerProcess layer = SpeedLayerProcess.start(settings)) {
          await().atMost(LIMIT).until(() -> stage.isDrainedBy(layer.pid()));
          assertThat(layer.terminate()).as(layer::output).isEqualTo(143);
        }
      }
      assertThat(stage.differences()).isEmpty();
    }
  }
}
