package io.foldlog.view;

import static java.util.Objects.requireNonNull;

import io.foldlog.contract.UserField;
import io.foldlog.contract.UserState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

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
    boolean expected =
        state.isLive() || UserField.all().stream().anyMatch(field -> state.hasValue(field));
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

  /** Whether the row equals the fold. */
  public boolean isEqual(UserState state, Optional<ViewRow> row) {
    return differences(state, row).isEmpty();
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
