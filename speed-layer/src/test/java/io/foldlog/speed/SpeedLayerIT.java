package io.foldlog.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.foldlog.contract.TestEventStream;
import io.foldlog.runtime.ExitStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.kafka.clients.producer.Producer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two speed layers, one for each trigger, read one log and write separate views. */
class SpeedLayerIT {

  private static final Duration TIMEOUT = Duration.ofSeconds(90);
  private static final int RECORDS = 2_000;

  @TempDir private Path folder;

  @Test
  void shouldWriteAllEventsWithBothTriggersAndStop() throws Exception {
    TestPipeline pipeline = TestPipeline.provisioned(folder, "flow");
    TestPipeline other = pipeline.withSeparateView(Files.createDirectory(folder.resolve("b")), "b");
    TestEventStream events = new TestEventStream(1, 200);

    try (Producer<byte[], byte[]> producer = pipeline.producer();
        SpeedLayerInProcess continuous =
            SpeedLayerInProcess.start(pipeline.settings("speed-layer.trigger = continuous"));
        SpeedLayerInProcess batches =
            SpeedLayerInProcess.start(other.settings("speed-layer.trigger = micro-batch"))) {
      for (int count = 0; count < RECORDS; count++) {
        producer.send(pipeline.record(events.next()));
      }
      producer.flush();
      awaitDrained(pipeline, continuous);
      awaitDrained(other, batches);

      assertStops(pipeline, continuous);
      assertStops(other, batches);
    }
    assertThat(pipeline.differences()).isEmpty();
    assertThat(other.differences()).isEmpty();
  }

  private static void awaitDrained(TestPipeline pipeline, SpeedLayerInProcess layer) {
    await().atMost(TIMEOUT).until(() -> layer.hasStarted() && pipeline.isDrainedBy(layer));
  }

  private static void assertStops(TestPipeline pipeline, SpeedLayerInProcess layer)
      throws Exception {
    assertThat(layer.stop()).as(layer::output).isEqualTo(ExitStatus.TERMINATED);
    assertThat(pipeline.status().path("state").asText()).isEqualTo("stopped");
    SpeedLayerResult result = layer.result().result(SpeedLayerResult.class);
    assertThat(result.ending()).isEqualTo(SpeedLayerResult.Ending.STOP_REQUESTED);
    assertThat(result.recordsRead()).isEqualTo(RECORDS);
    assertThat(result.eventsWritten()).isEqualTo(RECORDS);
    assertThat(result.recordsRejected()).isZero();
    assertThat(result.offsets()).isEqualTo(pipeline.endOffsets().byPartition());
  }
}
