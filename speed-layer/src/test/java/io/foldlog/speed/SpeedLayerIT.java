package io.foldlog.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.foldlog.local.servers.SharedServers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.apache.kafka.clients.producer.Producer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SpeedLayerIT {

  private static final Duration LIMIT = Duration.ofSeconds(90);

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource(TriggerMode.class)
  void shouldWriteTheLogIntoTheViewAndEndInOrder(TriggerMode trigger) throws Exception {
    Stage stage =
        Stage.provisioned(
            SharedServers.kafka(),
            SharedServers.cassandra(),
            folder,
            "flow_" + trigger.name().toLowerCase(Locale.ROOT));
    UserEvents events = new UserEvents(1, 200);
    Path settings = stage.settings("speed-layer.trigger = " + trigger.settingName());

    try (Producer<byte[], byte[]> producer = stage.producer();
        SpeedLayerProcess layer = SpeedLayerProcess.start(settings)) {
      for (int count = 0; count < 2000; count++) {
        producer.send(stage.record(events.next()));
      }
      producer.flush();
      await().atMost(LIMIT).until(() -> stage.isDrainedBy(layer.pid()));

      assertThat(stage.differences()).isEmpty();
      assertThat(layer.terminate()).as(layer::output).isEqualTo(143);
      assertThat(stage.status().path("state").asText()).isEqualTo("stopped");
    }
  }
}
