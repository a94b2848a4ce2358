package io.foldlog.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.foldlog.contract.TestEventStream;
import io.foldlog.log.DeadLetter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The application as a process: its arguments, heap, SIGTERM, exit status and result file. The test
 * starts two processes, because the first one ends with a heap that is too small.
 */
class SpeedLayerMainIT {

  private static final Duration TIMEOUT = Duration.ofMinutes(2);
  private static final int EVENTS = 20;

  @TempDir private Path folder;

  @Test
  void shouldExitWhenHeapIsTooSmallAndContinueWithLargerHeap() throws Exception {
    TestPipeline pipeline = TestPipeline.provisioned(folder, "main");
    Path settings = pipeline.settings();
    int valueBytes = 70 * 1024 * 1024; // a few KB in the log
    Map<String, Object> producerProperties =
        Map.of("max.request.size", 2 * valueBytes, "buffer.memory", 2L * valueBytes);
    try (Producer<byte[], byte[]> producer = pipeline.clients().producer(producerProperties)) {
      producer.send(new ProducerRecord<>(pipeline.topic(), 1, null, new byte[valueBytes]));
      TestEventStream events = new TestEventStream(2, 10);
      for (int count = 0; count < EVENTS; count++) {
        producer.send(pipeline.record(events.next()));
      }
    }

    try (SpeedLayerProcess layer = SpeedLayerProcess.start(settings)) {
      assertThat(layer.status()).as(layer::output).isEqualTo(7);
      assertThat(layer.output().lines().reduce((before, last) -> last).orElseThrow())
          .contains("heap of", "was too small", "read on from the offsets");
      assertThat(layer.result().path("status").asText()).isEqualTo("RESOURCE_EXHAUSTED");
    }

    try (SpeedLayerProcess layer =
        SpeedLayerProcess.start(settings, process -> process.heap("1600m"))) {
      await().atMost(TIMEOUT).until(() -> layer.hasStarted() && pipeline.isDrainedBy(layer));

      assertThat(layer.terminate()).as(layer::output).isEqualTo(143);
      assertThat(pipeline.status().path("state").asText()).isEqualTo("stopped");
      JsonNode result = layer.result();
      assertThat(result.path("status").asText()).isEqualTo("TERMINATED");
      assertThat(result.path("exit_code").asInt()).isEqualTo(143);
      assertThat(result.path("result").path("ending").asText()).isEqualTo("STOP_REQUESTED");
      assertThat(result.path("result").path("records_rejected").asInt()).isEqualTo(1);
    }
    assertThat(pipeline.deadLetters())
        .singleElement()
        .extracting(DeadLetter::omittedBytes)
        .isEqualTo((long) valueBytes);
    assertThat(pipeline.differences()).isEmpty();
  }
}
