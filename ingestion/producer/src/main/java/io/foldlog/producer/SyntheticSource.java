package io.foldlog.producer;

import io.foldlog.contract.EventType;
import io.foldlog.contract.InvalidValueException;
import io.foldlog.contract.UserEvent;
import io.foldlog.log.OutgoingEvent;
import java.util.Optional;
import java.util.UUID;

/**
 * An unlimited number of events of generated users: registrations, and updates and deletions of
 * users that the same run has registered and not deleted. The content of an event depends only on
 * the seed and its position, so two runs with the same seed and as-of instant generate the same
 * bytes.
 */
final class SyntheticSource implements UserSource {

  static final String SOURCE = "urn:foldlog:synthetic";

  /** The maximum number of users from which updates and deletions select. */
  private static final int MAX_LIVE_USERS = 1 << 20;

  private final long seed;
  private final EventWeights weights;
  private final EventTimes times;
  private final LiveUsers live = new LiveUsers(MAX_LIVE_USERS);
  private final SyntheticProfiles profiles = new SyntheticProfiles();
  private long position;
  private long registered;

  SyntheticSource(Seed seed, EventWeights weights, EventTimes times) {
    this.seed = seed.number();
    this.weights = weights;
    this.times = times;
  }

  @Override
  public String name() {
    return "synthetic";
  }

  @Override
  public Optional<OutgoingEvent> next() {
    EventType type =
        live.isEmpty() ? EventType.REGISTERED : weights.drawn(draw(Purpose.TYPE, position));
    long choice = draw(Purpose.USER, position);
    long user =
        switch (type) {
          case REGISTERED -> registered++;
          case UPDATED -> live.drawn(choice);
          case DELETED -> live.remove(choice);
        };
    if (type == EventType.REGISTERED) {
      live.add(user, choice);
    }
    UserEvent.Builder event = UserEvent.of(type, id(user), SOURCE, times.at(position));
    long content = draw(Purpose.CONTENT, position);
    long home = draw(Purpose.HOME, user);
    try {
      switch (type) {
        case REGISTERED -> profiles.whole(event, home, content);
        case UPDATED -> profiles.changes(event, home, content);
        case DELETED -> {}
      }
    } catch (InvalidValueException invalid) {
      throw new IllegalStateException("Generated an invalid value", invalid);
    }
    position++;
    return Optional.of(OutgoingEvent.of(event.build(), "synthetic event " + position));
  }

  private enum Purpose {
    TYPE,
    USER,
    CONTENT,
    HOME,
    ID_HIGH,
    ID_LOW
  }

  /** A UUID in the format of version 4 (random). */
  private UUID id(long user) {
    long high = draw(Purpose.ID_HIGH, user) & 0xFFFFFFFFFFFF0FFFL | 0x4000L;
    long low = draw(Purpose.ID_LOW, user) & 0x3FFFFFFFFFFFFFFFL | 0x8000000000000000L;
    return new UUID(high, low);
  }

  private long draw(Purpose purpose, long number) {
    return mixed(mixed(seed + purpose.ordinal()) + number);
  }

  /** The finalizer of SplitMix64. Every bit of the input affects every bit of the result. */
  private static long mixed(long number) {
    long mixed = number + 0x9E3779B97F4A7C15L;
    mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }

  @Override
  public void close() {}
}
