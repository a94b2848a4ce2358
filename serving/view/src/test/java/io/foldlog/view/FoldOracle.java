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
 * The promise, as tests hold it against the view: a user's row equals the fold of the user's
 * events. Written apart from the comparison of the batch layer, which it checks.
 */
public enum FoldOracle {
  /** Every cell has the value of the fold. */
  VALUES,
  /** Every cell has the value and the writetime of the fold. */
  VALUES_AND_WRITETIMES;

  /**
   * Compares a row with a fold.
   *
   * @param state the fold of the user's events; of a user without events, a new one
   * @param row what the view shows; empty, when it shows no row
   * @return a sentence for each difference; empty, when the row equals the fold
   */
  public List<String> differences(UserState state, Optional<ViewRow> row) {
    requireNonNull(state);
    boolean expected = showsRow(state);
    if (expected != row.isPresent()) {
      return List.of(
          expected
              ? "the fold has a row, the view has none"
              : "the fold has no row, the view has one");
    }
    List<String> differences = new ArrayList<>();
    row.ifPresent(
        shown -> {
          for (UserField field : UserField.all()) {
            difference(state, shown, field).ifPresent(differences::add);
          }
        });
    return differences;
  }

  /**
   * Compares all rows of a view with the folds of all users.
   *
   * @return a sentence for each difference, which names the user
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

  /** The row that equals the fold; empty, when none may show. */
  public static Optional<ViewRow> row(UUID userId, UserState state) {
    if (!showsRow(state)) {
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

  private static boolean showsRow(UserState state) {
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
