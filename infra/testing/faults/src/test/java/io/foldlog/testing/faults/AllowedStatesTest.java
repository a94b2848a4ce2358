package io.foldlog.testing.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.contract.TestEvents;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserField;
import io.foldlog.view.FoldOracle;
import io.foldlog.view.ViewRow;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class AllowedStatesTest {

  private static final UUID USER = TestEvents.user(0);

  private final AllowedStates states = new AllowedStates();

  @Test
  void shouldAllowWhatEventsWroteAndGoOn() {
    UserEvent first = updated(10, "Bern");
    UserEvent second = updated(20, "Oslo");
    states.add(first);
    assertThat(states.objection(Optional.empty())).isEmpty();
    assertThat(states.objection(row(first))).isEmpty();
    states.add(second);
    assertThat(states.objection(row(first))).isEmpty();
    assertThat(states.objection(row(second))).isEmpty();
    assertThat(states.objection(row(first))).get().asString().contains("went back from 20 to 10");
  }

  @Test
  void shouldObjectToWhatNoEventWrote() {
    UserEvent event = updated(10, "Bern");
    states.add(event);
    assertThat(states.objection(row(updated(10, "Nowhere"))))
        .get()
        .asString()
        .contains("city does not show what the event at 10 wrote");
    assertThat(states.objection(row(updated(11, "Bern"))))
        .get()
        .asString()
        .contains("shows what no event wrote, at 11");
  }

  @Test
  void shouldObjectToACellThatVanishedWithoutAnEvent() {
    UserEvent event = updated(10, "Bern");
    states.add(event);
    assertThat(states.objection(row(event))).isEmpty();
    assertThat(states.objection(Optional.empty())).get().asString().contains("the row is gone");
    states.add(TestEvents.deleted(USER, 20));
    assertThat(states.objection(Optional.empty())).isEmpty();
    assertThat(states.objection(row(event))).get().asString().contains("went back from 20 to 10");
  }

  @Test
  void shouldAllowACellThatAnEventCleared() {
    UserEvent event = updated(10, "Bern");
    UserEvent cleared = TestEvents.updated(USER, 20).cleared(UserField.CITY).build();
    states.add(event);
    assertThat(states.objection(row(event))).isEmpty();
    assertThat(states.objection(row(event, cleared)))
        .get()
        .asString()
        .contains("the event at 10 shows without its city");
    states.add(cleared);
    assertThat(states.objection(row(event, cleared))).isEmpty();
    assertThat(states.objection(row(event))).get().asString().contains("went back");
  }

  @Test
  void shouldObjectToACellThatVanishedUnderALaterEvent() {
    UserEvent event = updated(10, "Bern");
    UserEvent later = TestEvents.updated(USER, 20).set(UserField.PHONE, "2").build();
    states.add(event);
    states.add(later);
    assertThat(states.objection(row(event))).isEmpty();
    assertThat(states.objection(row(event, later))).isEmpty();
    assertThat(states.objection(row(later)))
        .get()
        .asString()
        .contains("city shows nothing, and no event after 10 takes it away");
  }

  @Test
  void shouldObjectToHalfAnEvent() {
    UserEvent event = updated(10, "Bern");
    states.add(event);
    ViewRow.Builder half = ViewRow.of(USER);
    half.cell(UserField.CITY, event.value(UserField.CITY), 10, 0);
    assertThat(states.objection(Optional.of(half.build())))
        .get()
        .asString()
        .contains("the event at 10 shows without its ");
  }

  private static UserEvent updated(long time, String city) {
    return TestEvents.updated(USER, time)
        .set(UserField.CITY, city)
        .set(UserField.PHONE, "1")
        .build();
  }

  /** The row of a user of whom these events are all that was written. */
  private static Optional<ViewRow> row(UserEvent... events) {
    return FoldOracle.row(USER, TestEvents.fold(List.of(events)).get(USER));
  }
}
