package io.foldlog.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.contract.EventType;
import io.foldlog.contract.Rejection;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserField;
import io.foldlog.log.DeadLetter;
import io.foldlog.speed.SpeedLayerProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What may come along a log, through the speed layer, judged by the verifier. */
class SpeedLayerStoriesIT {

  private static final long NOON =
      java.time.Instant.parse("2024-01-01T12:00:00Z").toEpochMilli() * 1000;

  @TempDir private Path folder;

  @Test
  void shouldShowWhatTheLogSaysWhateverItsOrder() throws Exception {
    Pipeline pipeline = Pipeline.in(folder, "any_order");
    List<UserEvent> events = new ArrayList<>();
    for (int number = 0; number < 200; number++) {
      UUID user = new UUID(0x4000L, 0x8000_0000_0000_0000L | number);
      events.add(of(EventType.REGISTERED, user, 0).text(UserField.CITY, "first").build());
      events.add(of(EventType.UPDATED, user, 1).text(UserField.CITY, "second").build());
      events.add(of(EventType.UPDATED, user, 1).text(UserField.CITY, "tie").build());
      events.add(of(EventType.UPDATED, user, 2).cleared(UserField.EMAIL).build());
      if (number % 3 == 0) {
        events.add(of(EventType.DELETED, user, 3).build());
      }
      if (number % 6 == 0) {
        events.add(of(EventType.UPDATED, user, 4).text(UserField.PHONE, "again").build());
      }
    }
    events.addAll(List.copyOf(events)); // each twice
    Collections.shuffle(events, new Random(20_261_124));
    pipeline.record(events.toArray(UserEvent[]::new));

    try (SpeedLayerProcess layer = pipeline.startSpeedLayer()) {
      pipeline.awaitDrainedBy(layer);
      pipeline.record(
          of(EventType.REGISTERED, new UUID(0x4000L, 0x8000_0000_0000_0000L), -5)
              .text(UserField.CITY, "late, older than the deletion")
              .build());
      pipeline.awaitDrainedBy(layer);
    }

    pipeline.assertThatTheViewEqualsTheFoldOfTheLog();
    assertThat(pipeline.stage().deadLetters()).isEmpty();
  }

  @Test
  void shouldKeepWhatIsNoEventAndGoOn() throws Exception {
    Pipeline pipeline = Pipeline.in(folder, "hostile");
    UUID user = UUID.randomUUID();
    pipeline.recordRaw("no JSON");
    pipeline.recordRaw(new byte[] {(byte) 0xC0, (byte) 0x80});
    pipeline.recordRaw("{}");
    pipeline.recordRaw("[1]");
    pipeline.recordRaw("{\"specversion\":\"1.0\",\"id\":\"1\",\"type\":\"user.moved.v1\"}");
    pipeline.record(
        UserEvent.of(EventType.REGISTERED, user, "urn:test", 4_000_000_000_000_000L).build());
    pipeline.record(of(EventType.REGISTERED, user, 0).text(UserField.CITY, "Bern").build());

    try (SpeedLayerProcess layer = pipeline.startSpeedLayer()) {
      pipeline.awaitDrainedBy(layer);
    }

    pipeline.assertThatTheViewEqualsTheFoldOfTheLog();
    assertThat(pipeline.stage().deadLetters())
        .extracting(letter -> letter.rejection().code())
        .containsExactlyInAnyOrder(
            Rejection.Code.NOT_JSON,
            Rejection.Code.NOT_JSON,
            Rejection.Code.MISSING_FIELD,
            Rejection.Code.NOT_AN_EVENT,
            Rejection.Code.UNKNOWN_TYPE,
            Rejection.Code.TIME_OUT_OF_RANGE);
    assertThat(pipeline.stage().deadLetters())
        .extracting(DeadLetter::record)
        .allSatisfy(record -> assertThat(record.value()).isNotNull());
  }

  @Test
  void shouldReadTheFlatEventsOfOlderProducersBesideOurs() throws Exception {
    Pipeline pipeline = Pipeline.in(folder, "flat");
    for (int number = 0; number < 50; number++) {
      UUID user = UUID.randomUUID();
      pipeline.recordRaw(
          """
          {"id":"%s","first_name":"Zoë","last_name":"b","gender":"female","address":"1 a, b, c, d",
          "post_code":%s,"email":"a@example.com","username":"u","dob":"1992-02-07T17:56:13.316Z",
          "registered_date":"2010-01-01T00:00:00Z","phone":"1","picture":"https://x/1.jpg"}"""
              .formatted(user, number % 2 == 0 ? "4001" : "\"0174\""));
      pipeline.record(of(EventType.UPDATED, user, number).text(UserField.CITY, "older").build());
    }

    try (SpeedLayerProcess layer = pipeline.startSpeedLayer()) {
      pipeline.awaitDrainedBy(layer);
    }

    pipeline.assertThatTheViewEqualsTheFoldOfTheLog();
    assertThat(pipeline.stage().fold()).hasSize(50);
    assertThat(pipeline.stage().deadLetters()).isEmpty();
  }

  private static UserEvent.Builder of(EventType type, UUID user, long microsPastNoon) {
    return UserEvent.of(type, user, "urn:test", NOON + microsPastNoon);
  }
}
