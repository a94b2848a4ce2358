package io.foldlog.speed;

import io.foldlog.contract.EventType;
import io.foldlog.contract.InvalidValueException;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserField;
import java.util.Random;
import java.util.UUID;

/** A seeded stream of events of a bounded number of users: registrations, updates, deletions. */
public final class UserEvents {

  private static final String SOURCE = "urn:foldlog:test";

  private final Random random;
  private final int users;
  private long lastMicros;

  public UserEvents(long seed, int users) {
    this.random = new Random(seed);
    this.users = users;
  }

  /** The next event; its time is now, and later than that of the one before. */
  public UserEvent next() {
    lastMicros = Math.max(lastMicros + 1, System.currentTimeMillis() * 1000);
    UUID user = user(random.nextInt(users));
    int kind = random.nextInt(20);
    if (kind == 0) {
      return UserEvent.of(EventType.DELETED, user, SOURCE, lastMicros).build();
    }
    return kind < 8 ? registered(user, lastMicros) : updated(user);
  }

  /** The user of that number, from 0. */
  public static UUID user(int number) {
    return new UUID(0x1234_4000L, 0x8000_0000_0000_0000L | number);
  }

  public static UserEvent registered(UUID user, long timeMicros) {
    try {
      return UserEvent.of(EventType.REGISTERED, user, SOURCE, timeMicros)
          .text(UserField.FIRST_NAME, "Ada")
          .text(UserField.LAST_NAME, "Example " + timeMicros)
          .text(UserField.EMAIL, "user%d@example.org".formatted(user.getLeastSignificantBits()))
          .text(UserField.COUNTRY, "Norway")
          .text(UserField.POST_CODE, "0123")
          .timestamp(UserField.DOB, "1990-01-02T03:04:05.678Z")
          .decimal(UserField.LATITUDE, "12.5")
          .build();
    } catch (InvalidValueException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private UserEvent updated(UUID user) {
    try {
      UserEvent.Builder update = UserEvent.of(EventType.UPDATED, user, SOURCE, lastMicros);
      update.text(UserField.PHONE, Integer.toString(random.nextInt()));
      if (random.nextBoolean()) {
        update.cleared(UserField.CITY);
      } else {
        update.text(UserField.CITY, "City " + random.nextInt(100));
      }
      return update.build();
    } catch (InvalidValueException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
