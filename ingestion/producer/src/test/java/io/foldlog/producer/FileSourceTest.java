package io.foldlog.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.EventType;
import io.foldlog.contract.PipelineException;
import io.foldlog.contract.TestEvents;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserField;
import io.foldlog.log.OutgoingEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileSourceTest {

  private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");
  private static final String EVENT =
      "{\"type\":\"user.updated.v1\", \"specversion\":\"1.0\",\"id\":\"7\",\"source\":\"urn:test\",\"subject\":\"0B1D6E54-1F0F-4C09-9E6A-0C7B6E5F3A10\",\"time\":\"2026-01-30T00:00:00Z\",\"unknown\":[1],\"data\":{\"city\":\" Oslo\"}}";
  private static final String FLAT =
      "{\"id\":\"1f0b1d6e-1f0f-4c09-9e6a-0c7b6e5f3a10\",\"first_name\":\"Ann\",\"post_code\":174}";

  private static final String TIMELESS = EVENT.replaceFirst("\"time\":\"[^\"]*\"", "\"time\":null");

  @TempDir Path folder;

  @Test
  void shouldSendCloudEventsUnchanged() throws Exception {
    List<OutgoingEvent> events = read(EVENT + "\r\n\n \t\n" + EVENT, Optional.empty());
    assertThat(events).hasSize(2);
    for (OutgoingEvent event : events) {
      assertThat(event.value()).isEqualTo(EVENT.getBytes(StandardCharsets.UTF_8));
      assertThat(event.key())
          .isEqualTo("0b1d6e54-1f0f-4c09-9e6a-0c7b6e5f3a10".getBytes(StandardCharsets.UTF_8));
      assertThat(event.id()).isEqualTo("7");
      assertThat(event.type()).isEqualTo(EventType.UPDATED);
    }
    assertThat(events.get(1).origin()).endsWith("users.jsonl:4");
  }

  @Test
  void shouldRecordFlatEventsAtTheAsOfInstantPlusTheirPosition() throws Exception {
    Instant asOf = Instant.parse("2026-01-31T00:00:00.123456Z");
    String lines = "\ufeff" + FLAT + "\n" + EVENT + "\n" + FLAT;
    List<OutgoingEvent> events = read(lines, Optional.of(EventTimes.asOf(asOf)));
    UserEvent first = decoded(events.get(0));
    UserEvent third = decoded(events.get(2));
    assertThat(first.type()).isEqualTo(EventType.REGISTERED);
    assertThat(first.value(UserField.POST_CODE)).isEqualTo("174".getBytes(StandardCharsets.UTF_8));
    assertThat(first.timeMicros()).isEqualTo(asOf.toEpochMilli() * 1000 + 456);
    assertThat(third.timeMicros()).isEqualTo(first.timeMicros() + 2);
    assertThat(new String(events.get(0).value(), StandardCharsets.UTF_8)).contains("specversion");
    assertThat(read(lines, Optional.of(EventTimes.asOf(asOf))).get(0).value())
        .isEqualTo(events.get(0).value());
  }

  @Test
  void shouldRecordCloudEventsWithoutATimeAtTheAsOfInstantPlusTheirPosition() throws Exception {
    Instant asOf = Instant.parse("2026-01-31T00:00:00Z");
    List<OutgoingEvent> events = read(EVENT + "\n" + TIMELESS, Optional.of(EventTimes.asOf(asOf)));
    UserEvent event = decoded(events.get(1));
    assertThat(event.timeMicros()).isEqualTo(asOf.toEpochMilli() * 1000 + 1);
    assertThat(event.id()).isEqualTo("7");
    assertThat(event.type()).isEqualTo(EventType.UPDATED);
  }

  @Test
  void shouldRejectEventsWithoutATime() {
    assertRejected(EVENT + "\n" + FLAT, "users.jsonl:2 has no time", "--as-of");
    assertRejected(TIMELESS, "users.jsonl:1 has no time", "--as-of");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nonsense | NOT_JSON",
        "[] | NOT_AN_EVENT",
        "{\"specversion\":\"1.0\"} | MISSING_FIELD",
        "{\"specversion\":\"0.3\",\"id\":\"1\"} | UNKNOWN_TYPE",
        "{\"specversion\":\"1.0\",\"type\":\"user.deleted.v1\",\"id\":\"7\",\"source\":\"s\",\"subject\":\"0b1d6e54-1f0f-4c09-9e6a-0c7b6e5f3a10\",\"time\":\"2026-01-31T12:05:01Z\"} | TIME_OUT_OF_RANGE",
      })
  void shouldReportTheLineThatIsNotAnEvent(String line, String code) {
    assertRejected(EVENT + "\n" + line + "\n" + EVENT, "users.jsonl:2", code);
  }

  @Test
  void shouldReportAMissingFile() {
    Path missing = folder.resolve("missing.jsonl");
    assertThatThrownBy(() -> FileSource.open(missing, Optional.empty(), InstantSource.fixed(NOW)))
        .isInstanceOf(PipelineException.class)
        .hasMessageContaining(missing.toString());
    assertThatThrownBy(() -> FileSource.open(folder, Optional.empty(), InstantSource.fixed(NOW)))
        .isInstanceOf(PipelineException.class)
        .hasMessageContaining("it is a folder");
  }

  private void assertRejected(String lines, String... parts) {
    assertThatThrownBy(() -> read(lines, Optional.empty()))
        .isInstanceOfSatisfying(
            PipelineException.class,
            failure -> {
              assertThat(failure.kind()).isEqualTo(PipelineException.Kind.USAGE_ERROR);
              assertThat(failure.getMessage()).contains(parts);
            });
  }

  private List<OutgoingEvent> read(String lines, Optional<EventTimes> flatTimes)
      throws IOException {
    Path file = folder.resolve("users.jsonl");
    Files.writeString(file, lines);
    List<OutgoingEvent> events = new ArrayList<>();
    try (FileSource source = FileSource.open(file, flatTimes, InstantSource.fixed(NOW))) {
      for (Optional<OutgoingEvent> event = source.next();
          event.isPresent();
          event = source.next()) {
        events.add(event.get());
      }
    }
    return events;
  }

  private static UserEvent decoded(OutgoingEvent event) {
    return (UserEvent)
        new EventDecoder(EventDecoder.CreateTime.REJECT)
            .decode(TestEvents.rawRecord(event.key(), event.value(), NOW.toEpochMilli()));
  }
}
