package io.foldlog.batch;

import io.foldlog.contract.EventType;
import io.foldlog.contract.InvalidValueException;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserField;
import io.foldlog.contract.UserState;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Short ways to events for tests. */
final class Events {

  /** 2024-01-01T00:00:00Z, µs. */
  static final long TIME = 1_704_067_200_000_000L;

  private static final String SOURCE = "https://example.org/";

  private Events() {}

  static UUID user(int number) {
    return UUID.nameUUIDFromBytes(
        ("user " + number).getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  static UserEvent registered(UUID user, long time, String firstName) {
    return of(EventType.REGISTERED, user, time, firstName);
  }

  static UserEvent updated(UUID user, long time, String firstName) {
    return of(EventType.UPDATED, user, time, firstName);
  }

  static UserEvent deleted(UUID user, long time) {
    return UserEvent.of(EventType.DELETED, user, SOURCE, time).build();
  }

  /** What the users are after the events. */
  static Map<UUID, UserState> folded(List<UserEvent> events) {
    Map<UUID, UserState> users = new HashMap<>();
    events.forEach(
        event -> users.computeIfAbsent(event.userId(), id -> new UserState()).apply(event));
    return users;
  }

  private static UserEvent of(EventType type, UUID user, long time, String firstName) {
    try {
      UserEvent.Builder builder =
          UserEvent.of(type, user, SOURCE, time).text(UserField.FIRST_NAME, firstName);
      if (type == EventType.REGISTERED) {
        builder
            .text(UserField.NATIONALITY, "NL")
            .cleared(UserField.LAST_NAME)
            .timestamp(UserField.DOB, "0001-01-01T00:00:00.001Z")
            .timestamp(UserField.REGISTERED_DATE, "1582-10-10T12:00:00Z")
            .decimal(UserField.LATITUDE, "-34.9050")
            .text(UserField.POST_CODE, "00123");
      }
      return builder.build();
    } catch (InvalidValueException invalid) {
      throw new IllegalArgumentException(invalid);
    }
  }
}
