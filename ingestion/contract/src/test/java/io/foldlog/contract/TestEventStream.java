package io.foldlog.contract;

import java.util.Random;
import java.util.UUID;

/**
 * A seeded stream of registrations, updates and deletions at the present time, of a bounded number
 * of users. For one thread.
 */
public final class TestEventStream {

  private final Random random;
  private final int users;

  /** The users are {@link TestEvents#user} 0 (inclusive) to {@code users} (exclusive). */
  public TestEventStream(long seed, int users) {
    this.random = new Random(seed);
    this.users = users;
  }

  /** The next event, at {@link TestEvents#now}. */
  public UserEvent next() {
    long timeMicros = TestEvents.now();
    UUID user = TestEvents.user(random.nextInt(users));
    int kind = random.nextInt(20);
    if (kind == 0) {
      return TestEvents.deleted(user, timeMicros);
    }
    return kind < 8
        ? TestEvents.profile(user, timeMicros, "Ada " + timeMicros)
        : updated(user, timeMicros);
  }

  private UserEvent updated(UUID user, long timeMicros) {
    TestEvents.Builder update =
        TestEvents.updated(user, timeMicros)
            .set(UserField.PHONE, Integer.toString(random.nextInt()));
    return random.nextBoolean()
        ? update.cleared(UserField.CITY).build()
        : update.set(UserField.CITY, "City " + random.nextInt(100)).build();
  }
}
