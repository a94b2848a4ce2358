package io.foldlog.testing.scenarios;

import static io.foldlog.contract.TestEvents.NOON;
import static io.foldlog.contract.TestEvents.deleted;
import static io.foldlog.contract.TestEvents.registered;
import static io.foldlog.contract.TestEvents.updated;
import static io.foldlog.contract.TestEvents.user;
import static org.assertj.core.api.Assertions.assertThat;

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

/**
 * Writes unordered, repeated and late events through the speed layer. The verifier checks the view.
 */
class SpeedLayerStoriesIT {

  @TempDir private Path folder;

  @Test
  void shouldWriteFoldOfEventsInAnyOrder() throws Exception {
    TestEnvironment environment = TestEnvironment.in(folder, "any_order");
    List<UserEvent> events = new ArrayList<>();
    for (int number = 0; number < 200; number++) {
      UUID user = user(number);
      events.add(registered(user, NOON).set(UserField.CITY, "first").build());
      events.add(updated(user, NOON + 1).set(UserField.CITY, "second").build());
      events.add(updated(user, NOON + 1).set(UserField.CITY, "tie").build());
      events.add(updated(user, NOON + 2).cleared(UserField.EMAIL).build());
      if (number % 3 == 0) {
        events.add(deleted(user, NOON + 3));
      }
      if (number % 6 == 0) {
        events.add(updated(user, NOON + 4).set(UserField.PHONE, "again").build());
      }
    }
    events.addAll(List.copyOf(events)); // each event twice
    Collections.shuffle(events, new Random(20_261_124));
    environment.record(events.toArray(UserEvent[]::new));

    try (RunningSpeedLayer layer = environment.startSpeedLayer()) {
      environment.awaitDrainedBy(layer);
      environment.record(
          registered(user(0), NOON - 5)
              .set(UserField.CITY, "late, older than the deletion")
              .build());
      environment.awaitDrainedBy(layer);
    }

    environment.assertThatViewEqualsFoldOfLog();
    assertThat(environment.pipeline().deadLetters()).isEmpty();
  }
}
