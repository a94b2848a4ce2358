package io.foldlog.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.foldlog.contract.TestEventStream;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.kafka.clients.producer.Producer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The application as a process: its arguments, SIGTERM, exit status and result file. */
class SpeedLayerMainIT {

  private static final Duration LIMIT = Duration.ofSeconds(90);

  @TempDir private Path folder;

  @Test
  void shouldStopOnSigtermWithItsResultInAFile() throws Exception {
    Stage stage = Stage.provisioned(folder, "main");
    TestEventStream events = new TestEventStream(2, 10);

    try (Producer<byte[], byte[]> producer = stage.producer();
        SpeedLayerProcess layer = SpeedLayerProcess.start(stage.settings())) {
      for (int count = 0; count < 20; count++) {
        producer.send(stage.record(events.next()));
      }
      producer.flush();
      await().atMost(LIMIT).until(() -> layer.hasStarted() && stage.isDrainedBy(layer));

      assertThat(layer.terminate()).as(layer::output).isEqualTo(143);
      assertThat(stage.status().path("state").asText()).isEqualTo("stopped");
      JsonNode result = layer.result();
      assertThat(result.path("status").asText()).isEqualTo("TERMINATED");
      assertThat(result.path("exit_code").asInt()).isEqualTo(143);
      assertThat(result.path("result").path("ending").asText()).isEqualTo("STOP_REQUESTED");
      assertThat(result.path("result").path("records_read").asInt()).isEqualTo(20);
    }
    assertThat(stage.differences()).isEmpty();
  }
}
