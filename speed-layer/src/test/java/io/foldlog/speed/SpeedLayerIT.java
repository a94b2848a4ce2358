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

/** One log, read by a layer of each trigger at the same time, each with a view of its own. */
class SpeedLayerIT {

  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final int RECORDS = 2_000;

  @TempDir private Path folder;

  @Test
  void shouldWriteTheLogIntoTheViewByEitherTriggerAndStopInOrder() throws Exception {
    TestPipeline pipeline = TestPipeline.provisioned(folder, "flow");
    TestPipeline other = pipeline.beside(Files.createDirectory(folder.resolve("b")), "b");
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

      assertThatItStopsInOrder(pipeline, continuous);
      assertThatItStopsInOrder(other, batches);
    }
    assertThat(pipeline.differences()).isEmpty();
    assertThat(other.differences()).isEmpty();
  }

  private static void awaitDrained(TestPipeline pipeline, SpeedLayerInProcess layer) {
    await().atMost(LIMIT).until(() -> layer.hasStarted() && pipeline.isDrainedBy(layer));
  }

  private static void assertThatItStopsInOrder(TestPipeline pipeline, SpeedLayerInProcess layer)
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
