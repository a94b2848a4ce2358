package io.foldlog.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.contract.EventType;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserField;
import io.foldlog.speed.RunningSpeedLayer;
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

    try (RunningSpeedLayer layer = pipeline.startSpeedLayer()) {
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

  private static UserEvent.Builder of(EventType type, UUID user, long microsPastNoon) {
    return UserEvent.of(type, user, "urn:test", NOON + microsPastNoon);
  }
}
