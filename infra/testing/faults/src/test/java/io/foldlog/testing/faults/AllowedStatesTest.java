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
  void shouldAllowRowsOfIncreasingEventTimes() {
    UserEvent first = updated(10, "Bern");
    UserEvent second = updated(20, "Oslo");
    states.add(first);
    assertThat(states.violation(Optional.empty())).isEmpty();
    assertThat(states.violation(row(first))).isEmpty();
    states.add(second);
    assertThat(states.violation(row(first))).isEmpty();
    assertThat(states.violation(row(second))).isEmpty();
    assertThat(states.violation(row(first))).get().asString().contains("decreased from 20 to 10");
  }

  @Test
  void shouldReportCellThatNoEventWrote() {
    UserEvent event = updated(10, "Bern");
    states.add(event);
    assertThat(states.violation(row(updated(10, "Nowhere"))))
        .get()
        .asString()
        .contains("city does not have the value that the event at 10 wrote");
    assertThat(states.violation(row(updated(11, "Bern"))))
        .get()
        .asString()
        .contains("has a value that no event wrote, at 11");
  }

  @Test
  void shouldReportMissingRowUntilUserIsDeleted() {
    UserEvent event = updated(10, "Bern");
    states.add(event);
    assertThat(states.violation(row(event))).isEmpty();
    assertThat(states.violation(Optional.empty())).get().asString().contains("the row is missing");
    states.add(TestEvents.deleted(USER, 20));
    assertThat(states.violation(Optional.empty())).isEmpty();
    assertThat(states.violation(row(event))).get().asString().contains("decreased from 20 to 10");
  }

  @Test
  void shouldAllowMissingCellAfterEventClearedIt() {
    UserEvent event = updated(10, "Bern");
    UserEvent cleared = TestEvents.updated(USER, 20).cleared(UserField.CITY).build();
    states.add(event);
    assertThat(states.violation(row(event))).isEmpty();
    assertThat(states.violation(row(event, cleared)))
        .get()
        .asString()
        .contains("the event at 10 is visible without its city");
    states.add(cleared);
    assertThat(states.violation(row(event, cleared))).isEmpty();
    assertThat(states.violation(row(event))).get().asString().contains("decreased");
  }

  @Test
  void shouldReportMissingCellThatLaterEventDidNotClear() {
    UserEvent event = updated(10, "Bern");
    UserEvent later = TestEvents.updated(USER, 20).set(UserField.PHONE, "2").build();
    states.add(event);
    states.add(later);
    assertThat(states.violation(row(event))).isEmpty();
    assertThat(states.violation(row(event, later))).isEmpty();
    assertThat(states.violation(row(later)))
        .get()
        .asString()
        .contains("city has no value, but no event after 10 removes it");
  }

  @Test
  void shouldReportPartlyVisibleEvent() {
    UserEvent event = updated(10, "Bern");
    states.add(event);
    ViewRow.Builder half = ViewRow.of(USER);
    half.cell(UserField.CITY, event.value(UserField.CITY), 10, 0);
    assertThat(states.violation(Optional.of(half.build())))
        .get()
        .asString()
        .contains("the event at 10 is visible without its ");
  }

  private static UserEvent updated(long time, String city) {
    return TestEvents.updated(USER, time)
        .set(UserField.CITY, city)
        .set(UserField.PHONE, "1")
        .build();
  }

  /** The row of a user who has these events and no others. */
  private static Optional<ViewRow> row(UserEvent... events) {
    return FoldOracle.row(USER, TestEvents.fold(List.of(events)).get(USER));
  }
}
