package io.foldlog.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.foldlog.contract.EventEncoder;
import io.foldlog.contract.Rejection.Code;
import io.foldlog.contract.TestEvents;
import io.foldlog.contract.UserEvent;
import io.foldlog.log.DeadLetter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.AbstractRecords;
import org.apache.kafka.common.record.CompressionType;
import org.apache.kafka.common.record.RecordBatch;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DeadLettersIT {

  private static final Duration TIMEOUT = Duration.ofSeconds(90);

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource(TriggerMode.class)
  void shouldWriteDeadLettersAndContinue(TriggerMode trigger) throws Exception {
    TestPipeline pipeline = TestPipeline.provisioned(folder, "dead_letters");
    UserEvent good = TestEvents.profile(TestEvents.user(1), TestEvents.now(), "Ada");
    String event = new String(EventEncoder.value(good), StandardCharsets.UTF_8);
    UserEvent future =
        TestEvents.profile(TestEvents.user(2), TestEvents.now() + 900_000_000L, "Ada");

    List<Code> codes = new ArrayList<>();
    try (Producer<byte[], byte[]> producer = pipeline.producer();
        SpeedLayerInProcess layer =
            SpeedLayerInProcess.start(
                pipeline.settings("speed-layer.trigger = " + trigger.settingName()))) {
      producer.send(pipeline.record(good)).get();
      codes.add(send(pipeline, producer, Code.NOT_JSON, "{\"id\": "));
      codes.add(send(pipeline, producer, Code.NOT_AN_EVENT, "[1, 2]"));
      codes.add(
          send(
              pipeline,
              producer,
              Code.UNKNOWN_TYPE,
              event.replace("user.registered.v1", "user.renamed.v9")));
      codes.add(
          send(
              pipeline,
              producer,
              Code.TOO_LARGE,
              event.replace("\"Ada\"", "\"" + "a".repeat(1_025) + "\"")));
      codes.add(send(pipeline, producer, Code.BAD_VALUE, event.replace("\"Ada\"", "17")));
      codes.add(
          send(
              pipeline,
              producer,
              Code.TIME_OUT_OF_RANGE,
              new String(EventEncoder.value(future), StandardCharsets.UTF_8)));
      RecordMetadata largest = producer.send(largest(pipeline)).get();
      codes.add(Code.NOT_JSON);
      producer
          .send(pipeline.record(TestEvents.profile(TestEvents.user(3), TestEvents.now(), "Ada")))
          .get();
      await().atMost(TIMEOUT).until(() -> layer.hasStarted() && pipeline.isDrainedBy(layer));
      await()
          .atMost(TIMEOUT)
          .until(() -> pipeline.status().path("rejected").asInt() == codes.size());

      List<DeadLetter> deadLetters = pipeline.deadLetters();
      assertThat(deadLetters)
          .extracting(deadLetter -> deadLetter.rejection().code())
          .containsExactlyInAnyOrderElementsOf(codes);
      assertThat(deadLetters)
          .allSatisfy(
              deadLetter -> {
                assertThat(deadLetter.topic()).isEqualTo(pipeline.topic());
                assertThat(deadLetter.record().id().logId())
                    .isEqualTo(pipeline.endOffsets().logId());
                assertThat(deadLetter.rejection().message()).isNotBlank();
                assertThat(deadLetter.record().headers())
                    .extracting(header -> header.key())
                    .containsExactly("trace");
              });
      assertThat(deadLetters)
          .filteredOn(deadLetter -> deadLetter.record().offset() == largest.offset())
          .filteredOn(deadLetter -> deadLetter.record().partition() == largest.partition())
          .extracting(deadLetter -> deadLetter.record().value().length)
          .containsExactly(largest.serializedValueSize());
      assertThat(pipeline.differences()).isEmpty();
      assertThat(pipeline.fold()).hasSize(2);
      assertThat(layer.isRunning()).as(layer::output).isTrue();
      layer.stop();
      assertThat(layer.result().result(SpeedLayerResult.class).recordsRejected())
          .isEqualTo(codes.size());
    }
  }

  private static Code send(
      TestPipeline pipeline, Producer<byte[], byte[]> producer, Code code, String value)
      throws Exception {
    Future<RecordMetadata> sent =
        producer.send(record(pipeline, value.getBytes(StandardCharsets.UTF_8)));
    sent.get();
    return code;
  }

  private static ProducerRecord<byte[], byte[]> record(TestPipeline pipeline, byte[] value) {
    return new ProducerRecord<>(
        pipeline.topic(),
        null,
        null,
        null,
        value,
        List.of(new RecordHeader("trace", new byte[] {1, 2})));
  }

  /**
   * A record whose batch has the maximum size that the topic accepts. It has random bytes, which
   * cannot be compressed.
   */
  private static ProducerRecord<byte[], byte[]> largest(TestPipeline pipeline) {
    int overhead =
        AbstractRecords.estimateSizeInBytesUpperBound(
            RecordBatch.CURRENT_MAGIC_VALUE,
            CompressionType.NONE,
            new byte[0],
            new byte[0],
            record(pipeline, new byte[0]).headers().toArray());
    byte[] value = new byte[TestPipeline.MAX_MESSAGE_BYTES - overhead];
    new Random(3).nextBytes(value);
    return record(pipeline, value);
  }
}
