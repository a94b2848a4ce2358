package io.foldlog.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foldlog.contract.PipelineException;
import io.foldlog.contract.Rejection;
import io.foldlog.contract.TimestampSource;
import io.foldlog.local.servers.KafkaNode;
import io.foldlog.local.servers.KafkaSpecification;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeadLettersIT {

  private static final Rejection REJECTION =
      new Rejection(Rejection.Code.BAD_VALUE, "dob", "dob is not a string");

  private final TestTopic log = TestTopic.provisioned("letters");
  private final TestTopic deadLetterTopic = log.deadLetters().provision();

  @Test
  void shouldKeepARecordUnchangedWithItsReasonAndId() {
    LogRecord complete = record(7, "key".getBytes(StandardCharsets.UTF_8), new byte[] {0, 1, 2});
    LogRecord withoutContent = record(8, null, null);
    send(complete, withoutContent);
    List<DeadLetter> letters = new ArrayList<>();
    assertThat(read(letters)).isEqualTo(new DeadLetters.Contents(2, 0, 0));
    DeadLetter deadLetter = deadLetterAt(letters, 7);
    assertThat(deadLetter.topic()).isEqualTo(log.name());
    assertThat(deadLetter.rejection()).isEqualTo(REJECTION);
    assertThat(deadLetter.record().id()).isEqualTo(complete.id());
    assertThat(deadLetter.record().timestampSource()).isEqualTo(complete.timestampSource());
    assertThat(deadLetter.record().timestampMillis()).isEqualTo(complete.timestampMillis());
    assertThat(deadLetter.record().key()).isEqualTo(complete.key());
    assertThat(deadLetter.record().value()).isEqualTo(complete.value());
    assertThat(deadLetter.record().headers()).isEqualTo(complete.headers());
    assertThat(deadLetterAt(letters, 8).record().key()).isNull();
    assertThat(deadLetterAt(letters, 8).record().value()).isNull();
  }

  @Test
  void shouldIdentifyARepeatedDeadLetterByTheRecordId() throws Exception {
    send(record(7, null, new byte[1]), record(8, null, new byte[1]), record(7, null, new byte[1]));
    deadLetterTopic.send(0, "not a dead letter");
    assertThat(read(new ArrayList<>())).isEqualTo(new DeadLetters.Contents(2, 1, 1));
  }

  @Test
  void shouldAcceptTheLargestRecordThatTheLogAccepts() throws Exception {
    byte[] largest = largestAccepted();
    LogRecord[] read = new LogRecord[1];
    try (EventTopic records = log.open()) {
      records.readAll(records.endOffsets(), record -> read[0] = record);
    }
    assertThat(read[0].value()).isEqualTo(largest);
    send(read[0]);
    List<DeadLetter> letters = new ArrayList<>();
    read(letters);
    assertThat(letters.get(0).record().value()).isEqualTo(largest);
  }

  /** Sends incompressible records of decreasing size until the topic accepts one. */
  private byte[] largestAccepted() throws Exception {
    for (int size = log.specification().maxMessageBytes(); ; size--) {
      byte[] value = new byte[size];
      new Random(1).nextBytes(value);
      try {
        log.send(0, value);
        return value;
      } catch (PipelineException tooLarge) {
        assertThat(tooLarge).hasMessageContaining("kafka.max-message-bytes");
      }
    }
  }

  @Test
  void shouldAcceptALargeRecordThatCompressesWell() {
    send(record(1, null, new byte[5 * 1024 * 1024]));
    List<DeadLetter> letters = new ArrayList<>();
    read(letters);
    assertThat(letters.get(0).record().value()).hasSize(5 * 1024 * 1024);
  }

  /** The log can contain such a record if its producer compressed it better. */
  @Test
  void shouldKeepIdAndReasonOfARecordThatExceedsTheTopicsLimit() {
    byte[] incompressible = new byte[512 * 1024];
    new Random(1).nextBytes(incompressible);
    send(
        record(1, new byte[7], incompressible),
        record(2, null, new byte[70 * 1024 * 1024]),
        record(3, null, new byte[1]));
    List<DeadLetter> letters = new ArrayList<>();
    assertThat(read(letters)).isEqualTo(new DeadLetters.Contents(3, 0, 0));
    DeadLetter withoutContent = deadLetterAt(letters, 1);
    assertThat(withoutContent.rejection()).isEqualTo(REJECTION);
    assertThat(withoutContent.record().timestampMillis()).isEqualTo(1234);
    assertThat(withoutContent.record().key()).isNull();
    assertThat(withoutContent.record().value()).isNull();
    assertThat(withoutContent.record().headers()).isEmpty();
    assertThat(withoutContent.omittedBytes()).isGreaterThan(512 * 1024 + 7);
    assertThat(deadLetterAt(letters, 2).omittedBytes()).isGreaterThan(70 * 1024 * 1024);
    assertThat(deadLetterAt(letters, 3).omittedBytes()).isZero();
  }

  @Test
  void shouldReportAMissingDeadLetterTopic() {
    TestTopic absent = TestTopic.absent("absent");
    KafkaClients clients = absent.clients().within(Duration.ofSeconds(2));
    try (DeadLetters deadLetters = DeadLetters.open(clients, absent.name())) {
      assertThatThrownBy(
              () -> {
                deadLetters.send(deadLetter(record(1, null, new byte[1])));
                deadLetters.flush();
              })
          .isInstanceOfSatisfying(
              PipelineException.class,
              failure -> assertThat(failure.kind()).isEqualTo(PipelineException.Kind.USAGE_ERROR))
          .hasMessageContaining("has no topic " + absent.name());
      assertThatThrownBy(deadLetters::flush)
          .as("later calls fail too")
          .hasMessageContaining(absent.name());
    }
  }

  /** The broker closes the connection of a larger request instead of refusing the record. */
  @Test
  void shouldKeepTheIdOfARecordThatExceedsTheBrokersRequestLimit(@TempDir Path folder)
      throws Exception {
    byte[] incompressible = new byte[2 * 1024 * 1024];
    new Random(1).nextBytes(incompressible);
    try (KafkaNode kafka =
        new KafkaNode(KafkaSpecification.onFreePorts(folder).withMaxRequestBytes(1024 * 1024))) {
      kafka.start();
      TestTopic limited = TestTopic.absent(kafka, "limited").deadLetters().provision();
      try (DeadLetters deadLetters = DeadLetters.open(limited.clients(), limited.name())) {
        deadLetters.send(deadLetter(record(1, null, incompressible)));
        deadLetters.flush();
      }
      List<DeadLetter> letters = new ArrayList<>();
      try (EventTopic deadLetterLog = limited.open()) {
        DeadLetters.read(deadLetterLog, deadLetterLog.endOffsets(), letters::add);
      }
      assertThat(deadLetterAt(letters, 1).record().value()).isNull();
      assertThat(deadLetterAt(letters, 1).omittedBytes()).isGreaterThan(2 * 1024 * 1024);
      assertConnectionIsClosedForARequestOf(1024 * 1024 + 1, kafka);
    }
  }

  /** The broker closes the connection before it allocates memory or authenticates the client. */
  private static void assertConnectionIsClosedForARequestOf(int bytes, KafkaNode kafka)
      throws IOException {
    try (Socket client =
        new Socket(InetAddress.getLoopbackAddress(), kafka.specification().port())) {
      client.setSoTimeout(30_000);
      new DataOutputStream(client.getOutputStream()).writeInt(bytes);
      assertThat(client.getInputStream().read()).isEqualTo(-1);
    }
  }

  private void send(LogRecord... records) {
    try (DeadLetters deadLetters =
        DeadLetters.open(deadLetterTopic.clients(), deadLetterTopic.name())) {
      for (LogRecord record : records) {
        deadLetters.send(deadLetter(record));
      }
      deadLetters.flush();
      assertThat(deadLetters.sent()).isEqualTo(records.length);
    }
  }

  private DeadLetters.Contents read(List<DeadLetter> letters) {
    try (EventTopic deadLetterLog = deadLetterTopic.open()) {
      return DeadLetters.read(deadLetterLog, deadLetterLog.endOffsets(), letters::add);
    }
  }

  private DeadLetter deadLetter(LogRecord record) {
    return new DeadLetter(record, log.name(), REJECTION);
  }

  private static DeadLetter deadLetterAt(List<DeadLetter> letters, long offset) {
    return letters.stream()
        .filter(deadLetter -> deadLetter.record().offset() == offset)
        .findFirst()
        .orElseThrow();
  }

  private static LogRecord record(long offset, byte[] key, byte[] value) {
    List<Header> headers =
        List.of(
            new RecordHeader("content-type", "text/plain".getBytes(StandardCharsets.UTF_8)),
            new RecordHeader("foldlog-code", null));
    return new LogRecord(
        new RecordId(LogId.of("topic-id"), 1, offset),
        TimestampSource.CREATE_TIME,
        1234,
        key,
        value,
        headers);
  }
}
