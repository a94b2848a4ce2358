package io.foldlog.producer;

import io.foldlog.contract.EventType;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The proportions of synthetic events by type, such as {@code 70:25:5}. */
record EventWeights(int registrations, int updates, int deletions) {

  private static final Pattern TEXT = Pattern.compile("(\\d{1,6}):(\\d{1,6}):(\\d{1,6})");

  EventWeights {
    if (registrations < 1 || updates < 0 || deletions < 0) {
      throw new IllegalArgumentException(
          "No weights: %d:%d:%d".formatted(registrations, updates, deletions));
    }
  }

  /** Reads {@code registrations:updates:deletions}; empty for any other text. */
  static Optional<EventWeights> parse(String text) {
    Matcher matcher = TEXT.matcher(text.strip());
    if (!matcher.matches() || Integer.parseInt(matcher.group(1)) < 1) {
      return Optional.empty();
    }
    return Optional.of(
        new EventWeights(
            Integer.parseInt(matcher.group(1)),
            Integer.parseInt(matcher.group(2)),
            Integer.parseInt(matcher.group(3))));
  }

  /** Selects the type for a random number. */
  EventType drawn(long draw) {
    long remainder = Long.remainderUnsigned(draw, (long) registrations + updates + deletions);
    if (remainder < registrations) {
      return EventType.REGISTERED;
    }
    return remainder < (long) registrations + updates ? EventType.UPDATED : EventType.DELETED;
  }
}
