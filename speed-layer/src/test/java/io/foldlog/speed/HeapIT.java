package io.foldlog.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.foldlog.log.DeadLetter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A record that is larger than the heap; in processes, because a test's heap is not to be filled.
 */
class HeapIT {

  private static final Duration LIMIT = Duration.ofMinutes(2);

  @TempDir private Path folder;

  @Test
  void shouldSayWhereARecordIsThatItsHeapCannotHoldAndGoOnWithMore() throws Exception {
    Stage stage = Stage.provisioned(folder, "immense");
    Path settings = stage.settings();
    int immense = 70 * 1024 * 1024; // a few KB in the log
    Map<String, Object> tuning =
        Map.of("max.request.size", 2 * immense, "buffer.memory", 2L * immense);
    try (Producer<byte[], byte[]> producer = stage.connection().producer(tuning)) {
      producer.send(new ProducerRecord<>(stage.topic(), 1, null, new byte[immense]));
    }

    try (SpeedLayerProcess layer = SpeedLayerProcess.start(settings)) {
      assertThat(layer.status()).as(layer::output).isEqualTo(2);
      assertThat(layer.output().lines().reduce((before, last) -> last).orElseThrow())
          .contains("heap of", "was too small", "read on from the offsets 0:0,1:0");
    }
    try (SpeedLayerProcess layer =
        SpeedLayerProcess.start(settings, process -> process.heap("1600m"))) {
      await().atMost(LIMIT).until(() -> layer.isRunning() && stage.isDrainedBy(layer));
      assertThat(stage.deadLetters())
          .singleElement()
          .extracting(DeadLetter::leftOutBytes)
          .isEqualTo((long) immense);
    }
  }
}
