package io.foldlog.testing.scenarios;

import io.foldlog.contract.TestEvents;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** CQL of a story: {@code T} is the table, {@code $ada} a user, {@code $7} a time of the story. */
final class OperatorStep {

  private static final Pattern TABLE = Pattern.compile("\\bT\\b");
  private static final Pattern PLACE = Pattern.compile("\\$(now\\+(\\d+)h|-?\\d+|[a-z]+)");

  private OperatorStep() {}

  /** The users that a step names. */
  static Set<String> users(String step) {
    Set<String> users = new HashSet<>();
    PLACE.matcher(step).results().map(place -> place.group(1)).forEach(users::add);
    users.removeIf(place -> !Character.isLetter(place.charAt(0)) || place.startsWith("now+"));
    return users;
  }

  /** The statement that a step stands for. */
  static String statement(Story story, String step, String table) {
    Function<Matcher, String> meant =
        place -> {
          String name = place.group(1);
          if (place.group(2) != null) {
            Instant then = Instant.now().plus(Long.parseLong(place.group(2)), ChronoUnit.HOURS);
            return Long.toString(ChronoUnit.MICROS.between(Instant.EPOCH, then));
          }
          return Character.isLetter(name.charAt(0))
              ? story.user(name).toString()
              : Long.toString(TestEvents.NOON + Long.parseLong(name));
        };
    StringBuilder statement = new StringBuilder();
    Matcher places = PLACE.matcher(TABLE.matcher(step).replaceAll(table));
    while (places.find()) {
      places.appendReplacement(statement, meant.apply(places));
    }
    return places.appendTail(statement).toString();
  }
}
