package io.foldlog.contract;

import static io.foldlog.contract.Histories.concatenation;
import static io.foldlog.contract.Histories.fold;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The laws that allow both layers to write concurrently, repeatedly, late and in any order. */
class UserStateLawsTest {

  @Provide
  Arbitrary<List<UserEvent>> histories() {
    return Histories.histories();
  }

  @Property
  void shouldKeepTheLatestWriteOfEachCell(@ForAll("histories") List<UserEvent> history) {
    UserState state = fold(history);

    long deleted =
        history.stream()
            .filter(UserEvent::isDeletion)
            .mapToLong(UserEvent::timeMicros)
            .max()
            .orElse(UserState.NEVER);
    for (UserField field : UserField.all()) {
      UserEvent winner = null;
      for (UserEvent event : history) {
        if (!event.isDeletion()
            && !event.isAbsent(field)
            && event.timeMicros() > deleted
            && (winner == null || wins(event, winner, field))) {
          winner = event;
        }
      }
      assertThat(state.time(field))
          .as(field + " time")
          .isEqualTo(winner == null ? UserState.NEVER : winner.timeMicros());
      assertThat(state.hasValue(field))
          .as(field + " has a value")
          .isEqualTo(winner != null && winner.isSet(field));
      if (state.hasValue(field)) {
        assertThat(state.value(field)).as(field + " value").isEqualTo(winner.value(field));
      }
    }
  }

  private static boolean wins(UserEvent event, UserEvent other, UserField field) {
    if (event.timeMicros() != other.timeMicros()) {
      return event.timeMicros() > other.timeMicros();
    }
    if (other.isCleared(field) || event.isCleared(field)) {
      return event.isCleared(field);
    }
    return Arrays.compareUnsigned(event.value(field), other.value(field)) > 0;
  }

  @Property
  void shouldNotDependOnOrder(
      @ForAll("histories") List<UserEvent> history, @ForAll Random shuffling) {
    List<UserEvent> shuffled = new ArrayList<>(history);
    Collections.shuffle(shuffled, shuffling);

    assertThat(fold(shuffled)).isEqualTo(fold(history));
  }

  @Property
  void shouldNotDependOnDuplicates(
      @ForAll("histories") List<UserEvent> history, @ForAll Random repeating) {
    List<UserEvent> repeated = new ArrayList<>(history);
    for (UserEvent event : history) {
      if (repeating.nextBoolean()) {
        repeated.add(repeating.nextInt(repeated.size() + 1), event);
      }
    }

    assertThat(fold(repeated)).isEqualTo(fold(history));
  }

  @Property
  void shouldNotDependOnTheSplitBetweenTwoLayers(
      @ForAll("histories") List<UserEvent> history, @ForAll Random splitting) {
    List<UserEvent> left = new ArrayList<>();
    List<UserEvent> right = new ArrayList<>();
    for (UserEvent event : history) {
      int share = splitting.nextInt(3);
      if (share != 0) {
        left.add(event);
      }
      if (share != 1) {
        right.add(event);
      }
    }

    assertThat(fold(left).merge(fold(right))).isEqualTo(fold(history));
    assertThat(fold(right).merge(fold(left))).isEqualTo(fold(history));
  }

  @Property
  void shouldMergeAssociativelyAndIdempotently(
      @ForAll("histories") List<UserEvent> first,
      @ForAll("histories") List<UserEvent> second,
      @ForAll("histories") List<UserEvent> third) {
    UserState leftFirst = fold(first).merge(fold(second)).merge(fold(third));
    UserState rightFirst = fold(first).merge(fold(second).merge(fold(third)));

    assertThat(leftFirst).isEqualTo(rightFirst);
    assertThat(leftFirst.copy().merge(leftFirst)).isEqualTo(leftFirst);
    assertThat(leftFirst).isEqualTo(fold(concatenation(concatenation(first, second), third)));
  }

  @Property
  void shouldNotChangeWhenMergedWithAnEmptyState(@ForAll("histories") List<UserEvent> history) {
    assertThat(new UserState().merge(fold(history))).isEqualTo(fold(history));
    assertThat(fold(history).merge(new UserState())).isEqualTo(fold(history));
  }

  @Property
  void shouldHaveNoValueForADeletedUser(@ForAll("histories") List<UserEvent> history) {
    UserState state = fold(history);

    if (!state.isLive()) {
      assertThat(UserField.all()).noneMatch(state::hasValue);
    } else {
      assertThat(state.hasValue(UserField.LAST_EVENT_ID)).isTrue();
    }
  }
}
