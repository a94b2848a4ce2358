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
      new Rejection(Rejection.Code.BAD_VALUE, "dob", "dob is no text");

  private final TestTopic log = TestTopic.provisioned("letters");
  private final TestTopic deadLetterTopic = log.deadLetters().provision();

  @Test
  void shouldKeepARecordAsItWasWithItsReasonAndPlace() {
    LogRecord whole = record(7, "key".getBytes(StandardCharsets.UTF_8), new byte[] {0, 1, 2});
    LogRecord bare = record(8, null, null);
    send(whole, bare);
    List<DeadLetter> letters = new ArrayList<>();
    assertThat(read(letters)).isEqualTo(new DeadLetters.Contents(2, 0, 0));
    DeadLetter letter = letterAt(letters, 7);
    assertThat(letter.topic()).isEqualTo(log.name());
    assertThat(letter.rejection()).isEqualTo(REJECTION);
    assertThat(letter.record().id()).isEqualTo(whole.id());
    assertThat(letter.record().timestampSource()).isEqualTo(whole.timestampSource());
    assertThat(letter.record().timestampMillis()).isEqualTo(whole.timestampMillis());
    assertThat(letter.record().key()).isEqualTo(whole.key());
    assertThat(letter.record().value()).isEqualTo(whole.value());
    assertThat(letter.record().headers()).isEqualTo(whole.headers());
    assertThat(letterAt(letters, 8).record().key()).isNull();
    assertThat(letterAt(letters, 8).record().value()).isNull();
  }

  @Test
  void shouldTellARepeatedLetterByItsPlace() throws Exception {
    send(record(7, null, new byte[1]), record(8, null, new byte[1]), record(7, null, new byte[1]));
    deadLetterTopic.send(0, "not a letter");
    assertThat(read(new ArrayList<>())).isEqualTo(new DeadLetters.Contents(2, 1, 1));
  }

  @Test
  void shouldTakeTheLargestRecordThatTheLogTakes() throws Exception {
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

  /** Sends ever smaller records that do not compress, until one is accepted. */
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
  void shouldTakeARecordThatIsLargeOnlyUncompressed() {
    send(record(1, null, new byte[5 * 1024 * 1024]));
    List<DeadLetter> letters = new ArrayList<>();
    read(letters);
    assertThat(letters.get(0).record().value()).hasSize(5 * 1024 * 1024);
  }

  /** As when its producer compressed it better than this one can. */
  @Test
  void shouldKeepThePlaceAndTheReasonOfARecordThatTheTopicDoesNotTake() {
    byte[] incompressible = new byte[512 * 1024];
    new Random(1).nextBytes(incompressible);
    send(
        record(1, new byte[7], incompressible),
        record(2, null, new byte[70 * 1024 * 1024]),
        record(3, null, new byte[1]));
    List<DeadLetter> letters = new ArrayList<>();
    assertThat(read(letters)).isEqualTo(new DeadLetters.Contents(3, 0, 0));
    DeadLetter bare = letterAt(letters, 1);
    assertThat(bare.rejection()).isEqualTo(REJECTION);
    assertThat(bare.record().timestampMillis()).isEqualTo(1234);
    assertThat(bare.record().key()).isNull();
    assertThat(bare.record().value()).isNull();
    assertThat(bare.record().headers()).isEmpty();
    assertThat(bare.leftOutBytes()).isGreaterThan(512 * 1024 + 7);
    assertThat(letterAt(letters, 2).leftOutBytes()).isGreaterThan(70 * 1024 * 1024);
    assertThat(letterAt(letters, 3).leftOutBytes()).isZero();
  }

  @Test
  void shouldNameADeadLetterTopicThatIsMissing() {
    TestTopic absent = TestTopic.absent("absent");
    KafkaClients impatient = absent.connection().within(Duration.ofSeconds(2));
    try (DeadLetters deadLetters = DeadLetters.open(impatient, absent.name())) {
      assertThatThrownBy(
              () -> {
                deadLetters.send(letter(record(1, null, new byte[1])));
                deadLetters.flush();
              })
          .isInstanceOfSatisfying(
              PipelineException.class,
              failure -> assertThat(failure.kind()).isEqualTo(PipelineException.Kind.USAGE_ERROR))
          .hasMessageContaining("has no topic " + absent.name());
      assertThatThrownBy(deadLetters::flush)
          .as("once and for all")
          .hasMessageContaining(absent.name());
    }
  }

  /** It closes the connection of a larger request, instead of refusing the record. */
  @Test
  void shouldKeepThePlaceOfARecordThatTheBrokerTakesInNoRequest(@TempDir Path folder)
      throws Exception {
    byte[] incompressible = new byte[2 * 1024 * 1024];
    new Random(1).nextBytes(incompressible);
    try (KafkaNode kafka =
        new KafkaNode(KafkaSpecification.onFreePorts(folder).withMaxRequestBytes(1024 * 1024))) {
      kafka.start();
      TestTopic limited = TestTopic.absent(kafka, "limited").deadLetters().provision();
      try (DeadLetters deadLetters = DeadLetters.open(limited.connection(), limited.name())) {
        deadLetters.send(letter(record(1, null, incompressible)));
        deadLetters.flush();
      }
      List<DeadLetter> letters = new ArrayList<>();
      try (EventTopic deadLetterLog = limited.open()) {
        DeadLetters.read(deadLetterLog, deadLetterLog.endOffsets(), letters::add);
      }
      assertThat(letterAt(letters, 1).record().value()).isNull();
      assertThat(letterAt(letters, 1).leftOutBytes()).isGreaterThan(2 * 1024 * 1024);
      assertThatTheConnectionIsClosedThatAnnounces(1024 * 1024 + 1, kafka);
    }
  }

  /** Before the broker allocates the request's memory, or knows who sends it. */
  private static void assertThatTheConnectionIsClosedThatAnnounces(int bytes, KafkaNode kafka)
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
        DeadLetters.open(deadLetterTopic.connection(), deadLetterTopic.name())) {
      for (LogRecord record : records) {
        deadLetters.send(letter(record));
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

  private DeadLetter letter(LogRecord record) {
    return new DeadLetter(record, log.name(), REJECTION);
  }

  private static DeadLetter letterAt(List<DeadLetter> letters, long offset) {
    return letters.stream()
        .filter(letter -> letter.record().offset() == offset)
        .findFirst()
        .orElseThrow();
  }

  private static LogRecord record(long offset, byte[] key, byte[] value) {
    List<Header> headers =
        List.of(
            new RecordHeader("content-type", "text/plain".getBytes(StandardCharsets.UTF_8)),
            new RecordHeader("foldlog-code", null));
    return new LogRecord(
        new RecordId("topic-id", 1, offset),
        TimestampSource.CREATE_TIME,
        1234,
        key,
        value,
        headers);
  }
}
