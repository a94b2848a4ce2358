package io.foldlog.contract;

import static io.foldlog.contract.Histories.USER;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class UserStateTest {

  private static final long NOON = 1_700_000_000_000_000L;

  @Test
  void shouldTellNullFromAbsent() throws Exception {
    UserState state =
        new UserState()
            .apply(registered(NOON).text(UserField.EMAIL, "a@b").text(UserField.CITY, "X").build())
            .apply(updated(NOON + 1).cleared(UserField.EMAIL).build());

    assertThat(state.hasValue(UserField.EMAIL)).isFalse();
    assertThat(state.time(UserField.EMAIL)).isEqualTo(NOON + 1);
    assertThat(text(state, UserField.CITY)).isEqualTo("X");
    assertThat(state.time(UserField.CITY)).isEqualTo(NOON);
    assertThat(state.time(UserField.PHONE)).isEqualTo(UserState.NEVER);
  }

  @Test
  void shouldLetATombstoneBeatAValueOfTheSameTime() throws Exception {
    UserEvent value = updated(NOON).text(UserField.EMAIL, "z").build();
    UserEvent tombstone = updated(NOON).cleared(UserField.EMAIL).build();

    assertThat(new UserState().apply(value).apply(tombstone).hasValue(UserField.EMAIL)).isFalse();
    assertThat(new UserState().apply(tombstone).apply(value).hasValue(UserField.EMAIL)).isFalse();
  }

  @Test
  void shouldCompareBytesUnsignedOnATie() throws Exception {
    UserEvent ascii = updated(NOON).text(UserField.CITY, "z").build();
    UserEvent beyond = updated(NOON).text(UserField.CITY, "é").build();

    assertThat(text(new UserState().apply(ascii).apply(beyond), UserField.CITY)).isEqualTo("é");
    assertThat(text(new UserState().apply(beyond).apply(ascii), UserField.CITY)).isEqualTo("é");
  }

  @Test
  void shouldDeleteWhatIsAsOldAsTheDeletionAndKeepWhatIsNewer() throws Exception {
    UserState state =
        new UserState()
            .apply(registered(NOON).text(UserField.CITY, "X").build())
            .apply(deleted(NOON));

    assertThat(state.isLive()).isFalse();

    state.apply(updated(NOON + 1).text(UserField.EMAIL, "a@b").build());

    assertThat(state.isLive()).as("re-created by an update, a partial user").isTrue();
    assertThat(state.hasValue(UserField.CITY)).isFalse();
    assertThat(text(state, UserField.EMAIL)).isEqualTo("a@b");
    assertThat(text(state, UserField.LAST_EVENT_TYPE)).isEqualTo("user.updated.v1");
  }

  @Test
  void shouldNotBeTurnedBackByALateEventOlderThanADeletion() throws Exception {
    UserState state =
        new UserState()
            .apply(deleted(NOON + 5))
            .apply(registered(NOON).text(UserField.CITY, "X").build());

    assertThat(state.isLive()).isFalse();
    assertThat(state.writtenAt()).isEqualTo(NOON);
  }

  @Test
  void shouldBeLiveByAWriteThatSetsNoField() {
    UserState state = new UserState().apply(updated(NOON).build());

    assertThat(state.isLive()).isTrue();
    assertThat(text(state, UserField.LAST_EVENT_ID)).isNotBlank();
  }

  private static UserEvent.Builder registered(long time) {
    return UserEvent.of(EventType.REGISTERED, USER, "urn:test", time);
  }

  private static UserEvent.Builder updated(long time) {
    return UserEvent.of(EventType.UPDATED, USER, "urn:test", time);
  }

  private static UserEvent deleted(long time) {
    return UserEvent.of(EventType.DELETED, USER, "urn:test", time).build();
  }

  private static String text(UserState state, UserField field) {
    return new String(state.value(field), StandardCharsets.UTF_8);
  }
}
