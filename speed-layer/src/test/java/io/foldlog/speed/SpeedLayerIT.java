package io.foldlog.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.foldlog.application.ExitStatus;
import io.foldlog.contract.TestEventStream;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.kafka.clients.producer.Producer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SpeedLayerIT {

  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final int RECORDS = 2_000;

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource(TriggerMode.class)
  void shouldWriteTheLogIntoTheViewAndStopInOrder(TriggerMode trigger) throws Exception {
    Stage stage = Stage.provisioned(folder, "flow");
    TestEventStream events = new TestEventStream(1, 200);
    Path settings = stage.settings("speed-layer.trigger = " + trigger.settingName());

    try (Producer<byte[], byte[]> producer = stage.producer();
        SpeedLayerInProcess layer = SpeedLayerInProcess.start(settings)) {
      for (int count = 0; count < RECORDS; count++) {
        producer.send(stage.record(events.next()));
      }
      producer.flush();
      await().atMost(LIMIT).until(() -> layer.hasStarted() && stage.isDrainedBy(layer));

      assertThat(stage.differences()).isEmpty();
      assertThat(layer.stop()).as(layer::output).isEqualTo(ExitStatus.TERMINATED);
      assertThat(stage.status().path("state").asText()).isEqualTo("stopped");
      SpeedLayerResult result = layer.result().result(SpeedLayerResult.class);
      assertThat(result.ending()).isEqualTo(SpeedLayerResult.Ending.STOP_REQUESTED);
      assertThat(result.recordsRead()).isEqualTo(RECORDS);
      assertThat(result.eventsWritten()).isEqualTo(RECORDS);
      assertThat(result.recordsRejected()).isZero();
      assertThat(result.offsets()).isEqualTo(stage.endOffsets().byPartition());
    }
  }
}
