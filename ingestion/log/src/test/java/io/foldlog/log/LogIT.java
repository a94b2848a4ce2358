package io.foldlog.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.foldlog.contract.PipelineException;
import io.foldlog.contract.SkippedRecord;
import io.foldlog.contract.TimestampSource;
import io.foldlog.log.PartitionPosition.LastRecord;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
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
      LogOffsets from = new LogOffsets(end.logId(), new TreeMap<>(Map.of(0, 2L, 1, 1L)));
      assertThat(from.offsetsUntil(log.endOffsets())).isEqualTo(2);
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
      assertThat(record.id()).isEqualTo(new RecordId(LogId.of(log.metadata().topicId()), 1, 0));
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
      LogOffsets recorded =
          new LogOffsets(LogId.of(log.metadata().topicId()), new TreeMap<>(Map.of(0, 3L)));
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
  void shouldRejectATransactionalIdOfItsOwnClients() {
    Properties properties = new Properties();
    properties.setProperty("bootstrap.servers", topic.clients().bootstrapServers());
    properties.setProperty("transactional.id", topic.name());
    assertFails(
        () -> KafkaClients.of(properties), PipelineException.Kind.USAGE_ERROR, "transactional.id");
  }

  @Test
  void shouldReadOnlyCommittedRecords() throws Exception {
    topic.send(0, "before");
    try (Producer<byte[], byte[]> producer = transactionalProducer();
        EventTopic log = topic.open()) {
      transaction(producer, "committed");
      producer.commitTransaction();
      transaction(producer, "aborted");
      producer.abortTransaction();
      await().until(() -> log.endOffsets().offset(0) == 5);
      LogOffsets end = log.endOffsets();
      List<String> read = new ArrayList<>();
      log.readAll(end, record -> read.add(text(record)));
      assertThat(read).containsExactly("0:0 before", "0:1 committed");
      LogOffsets afterCommit = at(log, 2);
      assertThat(log.nextRecords(afterCommit, end).offset(0)).isEqualTo(5);
      assertThat(log.nextRecords(at(log, 1), end).offset(0)).isEqualTo(1);
      topic.send(0, "after");
      assertThat(log.nextRecords(afterCommit, log.endOffsets()).offset(0)).isEqualTo(5);
    }
  }

  @Test
  void shouldPassOverSkippedOffsets() throws Exception {
    topic.send(0, "a", "b", "c", "d", "e");
    try (EventTopic log = topic.open()) {
      EndOffsets end = log.end();
      OptionalInt epoch = OptionalInt.of(end.leaderEpochs().get(0));
      log.passOver(
          Stream.of(1L, 2L, 4L).map(offset -> new SkippedRecord(0, offset, epoch)).toList(), end);
      List<String> read = new ArrayList<>();
      log.readAll(log.endOffsets(), record -> read.add(text(record)));
      assertThat(read).containsExactly("0:0 a", "0:3 d");
      assertThat(log.nextRecords(at(log, 1), log.endOffsets()).offset(0)).isEqualTo(3);
      assertThat(log.nextRecords(at(log, 4), log.endOffsets()).offset(0)).isEqualTo(5);
      // an epoch that the log does not have: other records are at these offsets now
      log.passOver(
          List.of(new SkippedRecord(0, 1, OptionalInt.of(epoch.getAsInt() + 1))), log.end());
      assertThat(log.skipped()).isEqualTo(SkippedOffsets.NONE);
    }
  }

  @Test
  void shouldFindALargeRecord() throws Exception {
    topic.send(0, "a", "b", "x".repeat(1_000), "c");
    try (EventTopic log = topic.open()) {
      LogOffsets end = log.endOffsets();
      LogOffsets from = new LogOffsets(end.logId(), new TreeMap<>());
      assertThat(log.findLargeRecord(from, end, 999)).contains(new RecordId(end.logId(), 0, 2));
      assertThat(log.findLargeRecord(from, end, 1_000)).isEmpty();
      assertThat(log.findLargeRecord(at(log, 3), end, 999)).isEmpty();
    }
  }

  @Test
  void shouldReadTheRestOfABatch() throws Exception {
    try (Producer<byte[], byte[]> producer = topic.clients().producer(Map.of("linger.ms", 200))) {
      for (String value : List.of("a", "b", "c")) {
        producer.send(
            new ProducerRecord<>(topic.name(), 0, null, value.getBytes(StandardCharsets.UTF_8)));
      }
    }
    topic.send(0, "of another batch");
    try (EventTopic log = topic.open()) {
      assertThat(log.readBatch(0, 1)).extracting(LogIT::text).containsExactly("0:1 b", "0:2 c");
      assertThat(log.readBatch(0, 3)).hasSize(1);
      assertThat(log.readBatch(0, 4)).isEmpty();
    }
  }

  @Test
  void shouldReportRecordsHeldBackByAnOpenTransaction() throws Exception {
    Instant start = Instant.now();
    topic.send(0, "before");
    try (Producer<byte[], byte[]> producer = transactionalProducer();
        EventTopic log = topic.open()) {
      assertThat(log.heldBack(log.end(), Instant.now())).isEqualTo(HeldBackRecords.NONE);
      transaction(producer, "open");

      topic.send(0, "acknowledged");
      EndOffsets end = log.end();
      assertThat(end.offsets().offset(0)).isEqualTo(1);
      HeldBackRecords heldBack = log.heldBack(end, Instant.now());
      assertThat(heldBack.count()).isEqualTo(2);
      assertThat(heldBack.oldest().orElseThrow()).isBetween(start, Instant.now());
      assertThat(heldBack.hanging()).isEmpty();
      assertThat(heldBack.message(Instant.now()))
          .startsWith("2 records are held back by an open transaction, the oldest for ");
      Instant later = Instant.now().plus(Duration.ofMinutes(21));
      assertThat(log.heldBack(end, later).message(later))
          .contains("The transaction of the producer with id ")
          .endsWith(
              "kafka-transactions.sh --bootstrap-server %s abort --topic %s --partition 0 --start-offset 1"
                  .formatted(topic.clients().bootstrapServers(), topic.name()));
      producer.abortTransaction();
      await().until(() -> log.end().heldBack() == 0);
      assertThat(log.endOffsets().offset(0)).isEqualTo(4);
    }
  }

  @Test
  void shouldFindNoLossInALogThatHoldsWhatWasRead() throws Exception {
    topic.send(0, "a", "b");
    try (EventTopic log = topic.open()) {
      int epoch = log.end().leaderEpochs().get(0);
      assertThat(losses(log, 2, epoch, lastRecord(log, 1))).isEmpty();
      topic.send(0, "c");
      assertThat(losses(log, 2, epoch, lastRecord(log, 1))).isEmpty();
    }
  }

  @Test
  void shouldFindLossesSinceAPosition() throws Exception {
    topic.send(0, "a", "b", "c");
    try (Admin admin = topic.clients().admin();
        EventTopic log = topic.open()) {
      int epoch = log.end().leaderEpochs().get(0);
      assertThat(losses(log, 4, epoch, null))
          .containsExactly(new LogLoss(LogLoss.Type.READ_RECORDS_GONE, 0, 3, 4));
      assertThat(losses(log, 2, epoch, new LastRecord(1, lastRecord(log, 1).fingerprint() + 1)))
          .containsExactly(new LogLoss(LogLoss.Type.LAST_RECORD_REPLACED, 0, 1, 2));
      assertThat(losses(log, 3, epoch + 1, lastRecord(log, 2)))
          .extracting(LogLoss::type)
          .containsExactly(LogLoss.Type.READ_RECORDS_GONE);
      admin
          .deleteRecords(
              Map.of(new TopicPartition(topic.name(), 0), RecordsToDelete.beforeOffset(3)))
          .all()
          .get();
      assertThat(losses(log, 2, epoch, null))
          .containsExactly(new LogLoss(LogLoss.Type.UNREAD_RECORDS_DELETED, 0, 2, 3));
      // nothing unread is deleted, and nothing is left to compare
      assertThat(losses(log, 3, epoch, new LastRecord(2, 42))).isEmpty();
    }
  }

  @Test
  void shouldFindALastRecordThatIsMissing() throws Exception {
    try (Producer<byte[], byte[]> producer = transactionalProducer();
        EventTopic log = topic.open()) {
      transaction(producer, "committed");
      producer.commitTransaction();
      await().until(() -> log.endOffsets().offset(0) == 2);
      int epoch = log.end().leaderEpochs().get(0);
      assertThat(losses(log, 2, epoch, lastRecord(log, 0))).isEmpty();
      // offset 1 is the marker
      assertThat(losses(log, 2, epoch, new LastRecord(1, 42)))
          .containsExactly(new LogLoss(LogLoss.Type.LAST_RECORD_MISSING, 0, 1, 2));
    }
  }

  private static List<LogLoss> losses(EventTopic log, long next, Integer epoch, LastRecord last) {
    LogPosition position =
        LogPosition.none(log.endOffsets().logId())
            .with(0, new PartitionPosition(next, epoch, last));
    return log.losses(position, log.beginningOffsets(), log.end());
  }

  private static LastRecord lastRecord(EventTopic log, long offset) {
    List<LogRecord> found = new ArrayList<>();
    log.read(at(log, offset), at(log, offset + 1), found::add);
    return new LastRecord(offset, found.get(0).fingerprint());
  }

  private static LogOffsets at(EventTopic log, long offset) {
    return new LogOffsets(LogId.of(log.metadata().topicId()), new TreeMap<>(Map.of(0, offset)));
  }

  private Producer<byte[], byte[]> transactionalProducer() {
    return topic.transactionalProducer(topic.name());
  }

  private void transaction(Producer<byte[], byte[]> producer, String value) {
    producer.beginTransaction();
    producer.send(
        new ProducerRecord<>(topic.name(), 0, null, value.getBytes(StandardCharsets.UTF_8)));
    producer.flush();
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
