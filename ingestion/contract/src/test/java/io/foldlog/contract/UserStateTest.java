package io.foldlog.contract;

import static io.foldlog.contract.TestEvents.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class UserStateTest {

  private static final UUID USER = TestEvents.user(1);

  @Test
  void shouldDistinguishNullFromAbsent() {
    UserState state =
        new UserState()
            .apply(registered(NOON).set(UserField.EMAIL, "a@b").set(UserField.CITY, "X").build())
            .apply(updated(NOON + 1).cleared(UserField.EMAIL).build());

    assertThat(state.hasValue(UserField.EMAIL)).isFalse();
    assertThat(state.time(UserField.EMAIL)).isEqualTo(NOON + 1);
    assertThat(text(state, UserField.CITY)).isEqualTo("X");
    assertThat(state.time(UserField.CITY)).isEqualTo(NOON);
    assertThat(state.time(UserField.PHONE)).isEqualTo(UserState.NEVER);
  }

  @Test
  void shouldPreferATombstoneToAValueOfTheSameTime() {
    UserEvent value = updated(NOON).set(UserField.EMAIL, "z").build();
    UserEvent tombstone = updated(NOON).cleared(UserField.EMAIL).build();

    assertThat(new UserState().apply(value).apply(tombstone).hasValue(UserField.EMAIL)).isFalse();
    assertThat(new UserState().apply(tombstone).apply(value).hasValue(UserField.EMAIL)).isFalse();
  }

  @Test
  void shouldCompareBytesUnsignedOnATie() {
    UserEvent ascii = updated(NOON).set(UserField.CITY, "z").build();
    UserEvent beyond = updated(NOON).set(UserField.CITY, "é").build();

    assertThat(text(new UserState().apply(ascii).apply(beyond), UserField.CITY)).isEqualTo("é");
    assertThat(text(new UserState().apply(beyond).apply(ascii), UserField.CITY)).isEqualTo("é");
  }

  @Test
  void shouldDeleteCellsUpToTheDeletionTimeAndKeepNewerCells() {
    UserState state =
        new UserState()
            .apply(registered(NOON).set(UserField.CITY, "X").build())
            .apply(deleted(NOON));

    assertThat(state.isLive()).isFalse();

    state.apply(updated(NOON + 1).set(UserField.EMAIL, "a@b").build());

    assertThat(state.isLive()).as("re-created by an update, a partial user").isTrue();
    assertThat(state.hasValue(UserField.CITY)).isFalse();
    assertThat(text(state, UserField.EMAIL)).isEqualTo("a@b");
    assertThat(text(state, UserField.LAST_EVENT_TYPE)).isEqualTo("user.updated.v1");
  }

  @Test
  void shouldStayDeletedAfterALateEventThatIsOlderThanTheDeletion() {
    UserState state =
        new UserState()
            .apply(deleted(NOON + 5))
            .apply(registered(NOON).set(UserField.CITY, "X").build());

    assertThat(state.isLive()).isFalse();
    assertThat(state.writtenAt()).isEqualTo(NOON);
  }

  @Test
  void shouldBeLiveAfterAWriteThatSetsNoField() {
    UserState state = new UserState().apply(updated(NOON).build());

    assertThat(state.isLive()).isTrue();
    assertThat(text(state, UserField.LAST_EVENT_ID)).isNotBlank();
  }

  private static String text(UserState state, UserField field) {
    return new String(state.value(field), StandardCharsets.UTF_8);
  }

  private static TestEvents.Builder registered(long time) {
    return TestEvents.registered(USER, time);
  }

  private static TestEvents.Builder updated(long time) {
    return TestEvents.updated(USER, time);
  }

  private static UserEvent deleted(long time) {
    return TestEvents.deleted(USER, time);
  }
}
