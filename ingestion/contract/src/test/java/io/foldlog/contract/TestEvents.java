package io.foldlog.contract;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/** Events, users and times for the tests of all modules. */
public final class TestEvents {

  /** The source of all test events. */
  public static final String SOURCE = "urn:foldlog:test";

  /** 2024-01-01T12:00:00Z, µs. */
  public static final long NOON =
      ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse("2024-01-01T12:00:00Z"));

  private static final AtomicLong LAST_MICROS = new AtomicLong();

  private TestEvents() {}

  /** The user with this number; numbers start at 0. */
  public static UUID user(int number) {
    return new UUID(0x4000L, 0x8000_0000_0000_0000L | number);
  }

  /** The present time in µs. Each call in a JVM returns a later time than all calls before. */
  public static long now() {
    return LAST_MICROS.updateAndGet(last -> Math.max(last + 1, System.currentTimeMillis() * 1000));
  }

  /** A registration whose fields the test sets. */
  public static Builder registered(UUID user, long timeMicros) {
    return of(EventType.REGISTERED, user, timeMicros);
  }

  /** An update whose fields the test sets. */
  public static Builder updated(UUID user, long timeMicros) {
    return of(EventType.UPDATED, user, timeMicros);
  }

  public static UserEvent deleted(UUID user, long timeMicros) {
    return of(EventType.DELETED, user, timeMicros).build();
  }

  /** A record without headers, at offset 0, with the broker's timestamp. */
  public static RawRecord rawRecord(byte[] key, byte[] value, long timestampMillis) {
    return new RawRecord(
        key, value, List.of(), TimestampSource.LOG_APPEND_TIME, timestampMillis, 0);
  }

  /** An event of any type whose fields the test sets. */
  public static Builder of(EventType type, UUID user, long timeMicros) {
    return new Builder(UserEvent.of(type, user, SOURCE, timeMicros));
  }

  /**
   * A registration with fields of every type, including dates before the Gregorian calendar, and
   * with a cleared last name.
   */
  public static UserEvent profile(UUID user, long timeMicros, String firstName) {
    return registered(user, timeMicros)
        .set(UserField.FIRST_NAME, firstName)
        .cleared(UserField.LAST_NAME)
        .set(UserField.EMAIL, "user%d@example.org".formatted(user.getLeastSignificantBits()))
        .set(UserField.NATIONALITY, "NL")
        .set(UserField.POST_CODE, "00123")
        .set(UserField.DOB, "0001-01-01T00:00:00.001Z")
        .set(UserField.REGISTERED_DATE, "1582-10-10T12:00:00Z")
        .set(UserField.LATITUDE, "-34.9050")
        .build();
  }

  /** An update of the first name. */
  public static UserEvent renamed(UUID user, long timeMicros, String firstName) {
    return updated(user, timeMicros).set(UserField.FIRST_NAME, firstName).build();
  }

  /**
   * The events of at most 10,000 users, from {@link #NOON} on. Each user registers, every fourth
   * user is renamed later, and every twentieth user is deleted at the end.
   */
  public static List<UserEvent> history(int users) {
    List<UserEvent> events = new ArrayList<>();
    for (int number = 0; number < users; number++) {
      UUID user = user(number);
      events.add(profile(user, NOON + number, "name " + number));
      if (number % 4 == 0) {
        events.add(renamed(user, NOON + 10_000 + number, "other " + number));
      }
      if (number % 20 == 0) {
        events.add(deleted(user, NOON + 20_000 + number));
      }
    }
    return events;
  }

  /** The state of each user after the events. */
  public static Map<UUID, UserState> fold(Iterable<UserEvent> events) {
    Map<UUID, UserState> users = new HashMap<>();
    events.forEach(
        event -> users.computeIfAbsent(event.userId(), id -> new UserState()).apply(event));
    return users;
  }

  /** Builds an event. A value that violates the rule of its field fails the test. */
  public static final class Builder {

    private final UserEvent.Builder event;

    private Builder(UserEvent.Builder event) {
      this.event = event;
    }

    /** Sets a field of any type from text: plain text, an RFC 3339 time, or a decimal number. */
    public Builder set(UserField field, String text) {
      try {
        switch (field.type()) {
          case TEXT -> event.text(field, text);
          case TIMESTAMP -> event.timestamp(field, text);
          case DOUBLE -> event.decimal(field, text);
          case BIGINT -> throw new IllegalArgumentException("No event sets " + field);
        }
        return this;
      } catch (InvalidValueException invalid) {
        throw new IllegalArgumentException(
            field.columnName() + ": " + invalid.getMessage(), invalid);
      }
    }

    public Builder cleared(UserField field) {
      event.cleared(field);
      return this;
    }

    public UserEvent build() {
      return event.build();
    }
  }
}
