package io.foldlog.admin.deadletters;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.contract.DecodeResult;
import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.EventDecoder.CreateTime;
import io.foldlog.contract.EventEncoder;
import io.foldlog.contract.Rejection;
import io.foldlog.contract.Rejection.Code;
import io.foldlog.contract.TestEvents;
import io.foldlog.contract.TimestampSource;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserField;
import io.foldlog.log.DeadLetter;
import io.foldlog.log.DeadLetters;
import io.foldlog.log.EventTopic;
import io.foldlog.log.LogId;
import io.foldlog.log.LogRecord;
import io.foldlog.log.RecordId;
import io.foldlog.log.TestTopic;
import io.foldlog.runtime.ApplicationResult;
import io.foldlog.runtime.ApplicationRunner;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.runtime.Settings;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeadLettersCommandIT {

  private static final UUID USER = TestEvents.user(1);
  private static final long NOON_MILLIS = TestEvents.NOON / 1_000;

  private final TestTopic log = TestTopic.absent("rejected").withMaxMessageBytes(16 * 1024);
  private final TestTopic deadLetters = log.deadLetters();
  private final EventDecoder trusting = new EventDecoder(CreateTime.TRUST);

  private String topicId;

  @BeforeEach
  void provision() {
    log.provision();
    deadLetters.provision();
    try (EventTopic opened = log.open()) {
      topicId = opened.metadata().topicId();
    }
  }

  @Test
  void shouldCountEachRejectedRecordOnceByReason() throws Exception {
    sendDeadLetters(Code.BAD_VALUE, record(1, "{}"), record(2, "{}"), record(1, "{}"));
    sendDeadLetters(Code.NOT_JSON, record(3, "{"));
    sendOtherRecord();

    assertThat(run("count"))
        .isEqualTo(
            """
            dead_letters=3 repeats=1 others=1
            reason=NOT_JSON dead_letters=1
            reason=BAD_VALUE dead_letters=2
            """);
  }

  @Test
  void shouldListRecordIdsAndReasonsWithoutRecordContent() throws Exception {
    sendDeadLetters(Code.BAD_VALUE, record(1, "{\"email\":\"ada@example.com\"}"), record(2, "{}"));
    sendDeadLetters(Code.NOT_JSON, record(3, "ada@example.com"));

    assertThat(run("list"))
        .contains(
            "record=%s:1:1 timestamp=2024-01-01T12:00:00Z reason=BAD_VALUE field=dob"
                .formatted(topicId))
        .endsWith("dead_letters=3 shown=3\n")
        .doesNotContain("ada");
    assertThat(run("list", "--reason", "bad_value", "--limit", "1").lines())
        .hasSize(2)
        .endsWith("dead_letters=2 shown=1");
  }

  @Test
  void shouldShowACompleteRecord() throws Exception {
    sendDeadLetters(Code.CLOCK_UNTRUSTED, record(1, flatEvent()));
    sendDeadLetters(
        Code.NOT_JSON, record(2, new byte[] {27, '[', '2', 'J', (byte) 0xC0}), record(12, ""));

    assertThat(run("show", topicId + ":1:1"))
        .isEqualTo(run("show", "1:1"))
        .isEqualTo(
            """
            record=%s:1:1 topic=%s
            timestamp=2024-01-01T12:00:00Z kind=CREATE_TIME
            reason=CLOCK_UNTRUSTED field=dob
            message=dob is not as it should be
            decodes_as=CLOCK_UNTRUSTED
            header trace, 2 bytes: hexadecimal
            0102
            key: none
            value, %d bytes: %s
            """
                .formatted(topicId, log.name(), bytes(flatEvent()).length, flatEvent()));
    assertThat(run("show", "1:2")).endsWith("value, 5 bytes: hexadecimal\n1b5b324ac0\n");
    assertThat(outputOf(runTrustingCreateTime("show", "1:1"))).contains("decodes_as=an event");
    assertThat(run("--json", "show", "1:2"))
        .contains("\"rejected_today\" : \"NOT_JSON\"", "\"hexadecimal\" : \"1b5b324ac0\"");
  }

  @Test
  void shouldReplayRecordsThatAreEventsNowWithTheirOriginalTime() throws Exception {
    UserEvent update =
        TestEvents.updated(USER, TestEvents.NOON - 1_000).set(UserField.CITY, "Bern").build();
    LogRecord old = record(4_007, flatEvent());
    LogRecord current =
        record(4_008, new String(EventEncoder.value(update), StandardCharsets.UTF_8));
    LogRecord ahead = record(System.currentTimeMillis() + 86_400_000, 9, flatEvent());
    sendDeadLetters(Code.CLOCK_UNTRUSTED, old, current, old, ahead);
    sendDeadLetters(Code.BAD_VALUE, record(5, "{\"id\":5}"), record(6, flatEvent()));
    sendDeadLetters(Code.CLOCK_UNTRUSTED, recordOfFormerTopic());

    String untrusted =
        "dead_letters=6 events=0 still_rejected=5 of_former_topics=1 left_out=0 others=0";
    assertThat(run("replay")).isEqualTo(untrusted + " sent=0 acknowledged=0 failed=0\n");
    String found =
        "dead_letters=6 events=2 still_rejected=1 of_former_topics=1 left_out=0 others=0";
    assertThat(
            outputOf(runTrustingCreateTime("replay", "--reason", "CLOCK_UNTRUSTED", "--dry-run")))
        .isEqualTo(found + " dry_run=true\n");
    assertThat(records()).isEmpty();

    for (int times = 1; times <= 2; times++) {
      assertThat(outputOf(runTrustingCreateTime("replay", "--reason", "CLOCK_UNTRUSTED")))
          .isEqualTo(found + " sent=2 acknowledged=2 failed=0\n");
      List<LogRecord> records = records();
      assertThat(records)
          .hasSize(2 * times)
          .allSatisfy(record -> assertThat(record.key()).asString().isEqualTo(USER.toString()))
          .extracting(this::decoded)
          .containsOnly(decoded(old), decoded(current));
    }
    assertThat(((UserEvent) decoded(old)).timeMicros()).isEqualTo(TestEvents.NOON + 7);
  }

  @Test
  void shouldReportReplayedEventsThatKafkaDidNotAcknowledge() throws Exception {
    TestEvents.Builder large = TestEvents.updated(USER, TestEvents.NOON);
    Random random = new Random(1);
    for (UserField field : UserField.data()) {
      if (field != UserField.LATITUDE && field.type() == UserField.CITY.type()) {
        StringBuilder text = new StringBuilder();
        random.ints(1_000, 'A', 'Z').forEach(unit -> text.append((char) unit));
        large.set(field, text.toString());
      }
    }
    byte[] value = EventEncoder.value(large.build());
    sendDeadLetters(Code.CLOCK_UNTRUSTED, record(1, value), record(2, flatEvent()));

    ApplicationResult result = runTrustingCreateTime("replay");
    assertThat(result.status()).isEqualTo(ExitStatus.USAGE_ERROR);
    assertThat(result.message())
        .contains("events were not acknowledged and may be missing from topic " + log.name());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "show 1:77         | holds no dead letter of 1:77; list shows the records",
        "show yesterday    | yesterday is not the id of a record; write TOPIC_ID:PARTITION:OFFSET",
        "list --limit 0    | --limit is 0; it must be at least 1",
        "list --reason BAD | NOT_JSON, NOT_AN_EVENT, UNKNOWN_TYPE",
        "''                | dead-letters needs a sub-command: count, list, show, replay or skip",
        "skip x --reason y | x is not the id of a record; write TOPIC_ID:PARTITION:OFFSET",
        "skip 1:77         | Missing required option: '--reason=TEXT'",
      })
  void shouldRejectInvalidArgumentsWithAMessage(String arguments, String message) {
    ApplicationResult result =
        runWith("", arguments.isEmpty() ? new String[0] : arguments.split(" +"));
    assertThat(result.status()).isEqualTo(ExitStatus.USAGE_ERROR);
    assertThat(result.message()).contains(message);
  }

  @Test
  void shouldReportAMissingDeadLetterTopic() {
    String settings = "kafka.dead-letter-topic = absent";
    for (String command : List.of("count", "list", "replay")) {
      ApplicationResult result = runWith(settings, command);
      assertThat(result.status()).isEqualTo(ExitStatus.USAGE_ERROR);
      assertThat(result.message()).contains("has no topic absent");
    }
  }

  private LogRecord record(long offset, String value) {
    return record(offset, bytes(value));
  }

  private LogRecord record(long offset, byte[] value) {
    return record(new RecordId(LogId.of(topicId), 1, offset), NOON_MILLIS, value);
  }

  private LogRecord record(long timestamp, long offset, String value) {
    return record(new RecordId(LogId.of(topicId), 1, offset), timestamp, bytes(value));
  }

  private static LogRecord record(RecordId id, long timestamp, byte[] value) {
    return new LogRecord(
        id,
        TimestampSource.CREATE_TIME,
        timestamp,
        null,
        value,
        List.of(new RecordHeader("trace", new byte[] {1, 2})));
  }

  private static LogRecord recordOfFormerTopic() {
    return record(
        new RecordId(LogId.of("AAAAAAAAAAAAAAAAAAAAAA"), 0, 1), NOON_MILLIS, bytes(flatEvent()));
  }

  private static String flatEvent() {
    return "{\"id\":\"%s\",\"first_name\":\"Zoë\",\"post_code\":174}".formatted(USER);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void sendDeadLetters(Code code, LogRecord... records) {
    Rejection rejection = new Rejection(code, "dob", "dob is not as it should be");
    try (DeadLetters writer = DeadLetters.open(deadLetters.clients(), deadLetters.name())) {
      for (LogRecord record : records) {
        writer.send(new DeadLetter(record, log.name(), rejection));
      }
      writer.flush();
    }
  }

  private void sendOtherRecord() throws Exception {
    deadLetters.send(0, new byte[1]);
  }

  private DecodeResult decoded(LogRecord record) {
    return record.decodeWith(trusting);
  }

  private List<LogRecord> records() {
    List<LogRecord> records = new ArrayList<>();
    try (EventTopic opened = log.open()) {
      opened.readAll(opened.endOffsets(), records::add);
    }
    return records;
  }

  private ApplicationResult runTrustingCreateTime(String... arguments) {
    return runWith("kafka.trust-create-time = true", arguments);
  }

  /** Runs the command, which must succeed, and returns its output. */
  private String run(String... arguments) {
    return outputOf(runWith("", arguments));
  }

  private static String outputOf(ApplicationResult result) {
    assertThat(result.status()).as(result.message()).isEqualTo(ExitStatus.SUCCESS);
    return result.output();
  }

  private ApplicationResult runWith(String settings, String... arguments) {
    String own =
        "kafka { bootstrap-servers = \"%s\", topic = %s }\n"
            .formatted(log.kafka().bootstrapServers(), log.name());
    return ApplicationRunner.run(new DeadLettersCommand(), Settings.of(own + settings), arguments);
  }
}
