package io.foldlog.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.foldlog.contract.PipelineException;
import io.foldlog.contract.TimestampSource;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class LogIT {

  private final TestTopic topic = TestTopic.provisioned("log");

  @Test
  void shouldReadEveryRecordInOrderUpToTheGivenEnd() throws Exception {
    topic.send(0, "a", "b", "c");
    topic.send(1, "x");
    try (EventTopic log = topic.open()) {
      LogOffsets end = log.endOffsets();
      topic.send(0, "later");
      List<String> read = new ArrayList<>();
      assertThat(log.readAll(end, record -> read.add(text(record)))).isEqualTo(4);
      assertThat(read.stream().filter(text -> !text.endsWith("x")).toList())
          .containsExactly("0:0 a", "0:1 b", "0:2 c");
      assertThat(read).contains("1:0 x");
      assertThat(end).hasToString("0:3,1:1");
      assertThat(end.sum()).isEqualTo(4);
      LogOffsets from = new LogOffsets(end.topicId(), new TreeMap<>(Map.of(0, 2L, 1, 1L)));
      assertThat(from.recordsUntil(log.endOffsets())).isEqualTo(2);
      read.clear();
      log.read(from, log.endOffsets(), record -> read.add(text(record)));
      assertThat(read).containsExactly("0:2 c", "0:3 later");
    }
  }

  @Test
  void shouldReturnRecordsUnchanged() throws Exception {
    long before = System.currentTimeMillis();
    topic.send(1, (byte[]) null);
    try (EventTopic log = topic.open()) {
      List<LogRecord> records = new ArrayList<>();
      log.readAll(log.endOffsets(), records::add);
      assertThat(records).hasSize(1);
      LogRecord record = records.get(0);
      assertThat(record.key()).isNull();
      assertThat(record.value()).isNull();
      assertThat(record.timestampSource()).isEqualTo(TimestampSource.LOG_APPEND_TIME);
      assertThat(record.timestampMillis()).isGreaterThanOrEqualTo(before);
      assertThat(record.id()).isEqualTo(new RecordId(log.metadata().topicId(), 1, 0));
    }
  }

  @Test
  void shouldReadNothingFromAnEmptyTopic() {
    try (EventTopic log = topic.open()) {
      assertThat(log.readAll(log.endOffsets(), record -> {})).isZero();
    }
  }

  @Test
  void shouldDetectDeletedFirstRecords() throws Exception {
    topic.send(0, "a", "b", "c");
    try (Admin admin = topic.clients().admin();
        EventTopic log = topic.open()) {
      admin
          .deleteRecords(
              Map.of(new TopicPartition(topic.name(), 0), RecordsToDelete.beforeOffset(2)))
          .all()
          .get();
      assertThat(log.beginningOffsets().offset(0)).isEqualTo(2);
      assertFails(
          () -> log.readAll(log.endOffsets(), record -> {}),
          PipelineException.Kind.STATE_MISMATCH,
          "no longer holds the records 0 to 1 of partition 0");
      assertThat(log.read(log.beginningOffsets(), log.endOffsets(), record -> {})).isEqualTo(1);
    }
  }

  @Test
  void shouldDetectLostLastRecords() throws Exception {
    topic.send(0, "a");
    try (EventTopic log = topic.open()) {
      LogOffsets recorded = new LogOffsets(log.metadata().topicId(), new TreeMap<>(Map.of(0, 3L)));
      assertFails(
          () -> log.readAll(recorded, record -> {}),
          PipelineException.Kind.STATE_MISMATCH,
          "no longer holds the records 1 to 2 of partition 0");
    }
  }

  @Test
  void shouldDetectARecreatedTopic() throws Exception {
    topic.send(0, "a");
    try (EventTopic log = topic.open()) {
      LogOffsets recorded = log.endOffsets();
      topic.delete();
      topic.provision();
      topic.send(0, "a");
      assertThat(log.metadata().topicId()).isNotEqualTo(recorded.topicId());
      assertFails(
          () -> log.readAll(recorded, record -> {}),
          PipelineException.Kind.STATE_MISMATCH,
          "was deleted and created again");
    }
  }

  @Test
  void shouldRejectTransactions() throws Exception {
    Properties properties = new Properties();
    properties.setProperty("bootstrap.servers", topic.clients().bootstrapServers());
    properties.setProperty("transactional.id", topic.name());
    assertFails(
        () -> KafkaClients.of(properties), PipelineException.Kind.USAGE_ERROR, "transactional.id");
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(topic.name(), 0, null, new byte[] {'a'}));
      producer.commitTransaction();
    }
    try (EventTopic log = topic.open()) {
      await().until(() -> log.endOffsets().offset(0) == 2);
      assertFails(
          () -> log.readAll(log.endOffsets(), record -> {}),
          PipelineException.Kind.STATE_MISMATCH,
          "lacks the records 1 to 1 of partition 0");
    }
  }

  @Test
  void shouldReportAMissingTopic() {
    TestTopic absent = TestTopic.absent("absent");
    try (EventTopic log = absent.open()) {
      String message = "has no topic " + absent.name();
      assertFails(log::metadata, PipelineException.Kind.USAGE_ERROR, message);
      assertFails(log::endOffsets, PipelineException.Kind.USAGE_ERROR, message);
    }
  }

  @Test
  void shouldReportBrokersThatDoNotAnswer() throws Exception {
    String unused;
    try (ServerSocket socket = new ServerSocket(0)) {
      unused = "127.0.0.1:" + socket.getLocalPort();
    }
    try (EventTopic log =
        EventTopic.open(KafkaClients.to(unused).within(Duration.ofSeconds(1)), "users_created")) {
      assertFails(log::metadata, PipelineException.Kind.UNAVAILABLE, "Kafka at " + unused);
    }
    try (EventTopic log = EventTopic.open(KafkaClients.to("nonsense"), "users_created")) {
      assertFails(log::metadata, PipelineException.Kind.USAGE_ERROR, "kafka.bootstrap-servers");
    }
  }

  private static void assertFails(
      ThrowingCallable call, PipelineException.Kind kind, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            PipelineException.class, failure -> assertThat(failure.kind()).isEqualTo(kind))
        .hasMessageContaining(message);
  }

  private static String text(LogRecord record) {
    return record.partition()
        + ":"
        + record.offset()
        + " "
        + new String(record.value(), StandardCharsets.UTF_8);
  }
}
