package io.foldlog.admin.verify;

import io.foldlog.admin.verify.Difference.Kind;
import io.foldlog.contract.UserField;
import io.foldlog.contract.UserState;
import io.foldlog.view.ViewRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Compares a user's row with the fold of the user's events, in every cell. Has no side effects. */
final class Comparison {

  private static final String ROW = "row";

  /** What must be equal. */
  enum Criteria {
    /** Values and writetimes. Applies to users that reconcile has never repaired. */
    VALUES_AND_WRITETIMES,
    /** Values only. Applies to repaired users, because a repair may have a later writetime. */
    VALUES
  }

  private Comparison() {}

  /**
   * Returns the differences; an empty list if the row equals the fold.
   *
   * @param expected the fold of all events of the user; an empty state if there are none
   * @param row the row in the view, if there is one
   */
  static List<Difference> differences(
      UUID userId, UserState expected, Optional<ViewRow> row, Criteria criteria) {
    if (row.isEmpty()) {
      return expected.isLive()
          ? List.of(
              new Difference(
                  userId, Kind.ROW_MISSING, ROW, "last written at " + expected.writtenAt()))
          : List.of();
    }
    if (!expected.isLive()) {
      String reason =
          expected.isEmpty() ? "no event names it" : "deleted at " + expected.deletedAt();
      return List.of(new Difference(userId, Kind.ROW_UNEXPECTED, ROW, reason));
    }
    List<Difference> differences = new ArrayList<>();
    for (UserField field : UserField.all()) {
      compare(userId, field, expected, row.get(), criteria).ifPresent(differences::add);
    }
    return differences;
  }

  private static Optional<Difference> compare(
      UUID userId, UserField field, UserState expected, ViewRow row, Criteria criteria) {
    String column = field.columnName();
    if (!row.hasValue(field)) {
      return expected.hasValue(field)
          ? Optional.of(
              new Difference(
                  userId, Kind.CELL_MISSING, column, "expected at " + expected.time(field)))
          : Optional.empty();
    }
    long found = row.writetime(field);
    if (!expected.hasValue(field)) {
      return Optional.of(new Difference(userId, Kind.CELL_UNEXPECTED, column, "found at " + found));
    }
    if (row.hasTimeToLive(field)) {
      return Optional.of(
          new Difference(
              userId,
              Kind.TIME_TO_LIVE,
              column,
              "expires in " + row.timeToLiveSeconds(field) + " s"));
    }
    long time = expected.time(field);
    String times = "expected at " + time + ", found at " + found;
    if (!Arrays.equals(expected.value(field), row.value(field))) {
      return Optional.of(new Difference(userId, Kind.VALUE, column, times));
    }
    boolean equal = found == time || (criteria == Criteria.VALUES && found > time);
    return equal
        ? Optional.empty()
        : Optional.of(new Difference(userId, Kind.WRITETIME, column, times));
  }
}
