package io.foldlog.testing.scenarios;

import io.foldlog.contract.TestEvents;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The CQL of a story. {@code T} is the table, {@code $ada} a user id, {@code $7} an event time. */
final class OperatorStep {

  private static final Pattern TABLE = Pattern.compile("\\bT\\b");
  private static final Pattern PLACEHOLDER = Pattern.compile("\\$(now\\+(\\d+)h|-?\\d+|[a-z]+)");

  private OperatorStep() {}

  /** The names of the users in a step. */
  static Set<String> users(String step) {
    Set<String> users = new HashSet<>();
    PLACEHOLDER
        .matcher(step)
        .results()
        .map(placeholder -> placeholder.group(1))
        .forEach(users::add);
    users.removeIf(
        placeholder ->
            !Character.isLetter(placeholder.charAt(0)) || placeholder.startsWith("now+"));
    return users;
  }

  /** The CQL statement of a step. */
  static String statement(Story story, String step, String table) {
    Function<Matcher, String> replacement =
        placeholder -> {
          String name = placeholder.group(1);
          if (placeholder.group(2) != null) {
            Instant time =
                Instant.now().plus(Long.parseLong(placeholder.group(2)), ChronoUnit.HOURS);
            return Long.toString(ChronoUnit.MICROS.between(Instant.EPOCH, time));
          }
          return Character.isLetter(name.charAt(0))
              ? story.user(name).toString()
              : Long.toString(TestEvents.NOON + Long.parseLong(name));
        };
    StringBuilder statement = new StringBuilder();
    Matcher placeholders = PLACEHOLDER.matcher(TABLE.matcher(step).replaceAll(table));
    while (placeholders.find()) {
      placeholders.appendReplacement(statement, replacement.apply(placeholders));
    }
    return placeholders.appendTail(statement).toString();
  }
}
