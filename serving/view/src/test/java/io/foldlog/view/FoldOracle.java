package io.foldlog.view;

import static java.util.Objects.requireNonNull;

import io.foldlog.contract.UserField;
import io.foldlog.contract.UserState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Checks the promise in tests: a user's row equals the fold of the user's events. Independent of
 * the comparisons of the product, so that tests can check these comparisons.
 */
public enum FoldOracle {
  /** Every cell has the value of the fold. */
  VALUES,
  /** Every cell has the value and the writetime of the fold. */
  VALUES_AND_WRITETIMES;

  /**
   * Compares a row with a fold.
   *
   * @param state the fold of the user's events; a new state for a user without events
   * @param row the row in the view; empty if there is none
   * @return a message for each difference; empty if the row equals the fold
   */
  public List<String> differences(UserState state, Optional<ViewRow> row) {
    requireNonNull(state);
    boolean expected = hasRow(state);
    if (expected != row.isPresent()) {
      return List.of(
          expected
              ? "the fold has a row, the view has none"
              : "the fold has no row, the view has one");
    }
    List<String> differences = new ArrayList<>();
    row.ifPresent(
        found -> {
          for (UserField field : UserField.all()) {
            difference(state, found, field).ifPresent(differences::add);
          }
        });
    return differences;
  }

  /**
   * Compares all rows of a view with the folds of all users.
   *
   * @return a message for each difference, with the user
   */
  public List<String> differences(Map<UUID, UserState> states, Map<UUID, ViewRow> rows) {
    Set<UUID> users = new TreeSet<>(states.keySet());
    users.addAll(rows.keySet());
    return users.stream()
        .flatMap(
            user ->
                differences(
                        states.getOrDefault(user, new UserState()),
                        Optional.ofNullable(rows.get(user)))
                    .stream()
                    .map(difference -> user + ": " + difference))
        .toList();
  }

  /** The row that equals the fold; empty if the view must have no row. */
  public static Optional<ViewRow> row(UUID userId, UserState state) {
    if (!hasRow(state)) {
      return Optional.empty();
    }
    ViewRow.Builder row = ViewRow.of(userId);
    for (UserField field : UserField.all()) {
      if (state.hasValue(field)) {
        row.cell(field, state.value(field), state.time(field), 0);
      }
    }
    return Optional.of(row.build());
  }

  /** Whether the row equals the fold. */
  public boolean isEqual(UserState state, Optional<ViewRow> row) {
    return differences(state, row).isEmpty();
  }

  private static boolean hasRow(UserState state) {
    return state.isLive() || UserField.all().stream().anyMatch(state::hasValue);
  }

  private Optional<String> difference(UserState state, ViewRow row, UserField field) {
    String name = field.columnName();
    if (!state.hasValue(field) && !row.hasValue(field)) {
      return Optional.empty();
    }
    String fold = state.hasValue(field) ? cell(state.value(field), state.time(field)) : "no value";
    String view = row.hasValue(field) ? cell(row.value(field), row.writetime(field)) : "no value";
    boolean equal =
        state.hasValue(field)
            && row.hasValue(field)
            && Arrays.equals(state.value(field), row.value(field))
            && (this == VALUES || state.time(field) == row.writetime(field));
    if (!equal) {
      return Optional.of("%s: the fold has %s, the view has %s".formatted(name, fold, view));
    }
    return row.hasTimeToLive(field)
        ? Optional.of("%s: the cell expires in %d s".formatted(name, row.timeToLiveSeconds(field)))
        : Optional.empty();
  }

  private static String cell(byte[] value, long timeMicros) {
    return "0x%s at %d µs".formatted(HexFormat.of().formatHex(value), timeMicros);
  }
}
