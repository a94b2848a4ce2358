package io.foldlog.admin.verify;

import static java.util.Objects.requireNonNull;

import java.util.UUID;

/**
 * A difference between the view and the fold of the log. Contains no personal data.
 *
 * @param userId the user of the row
 * @param kind the type of the difference
 * @param column the column of the cell, or {@code row} for the whole row
 * @param detail further information, such as times in µs; may be empty
 */
public record Difference(UUID userId, Kind kind, String column, String detail) {

  /** The types of differences. */
  public enum Kind {
    /** The user is live, but the view has no row. */
    ROW_MISSING,
    /** The view has a row, but the log has no such user, or the user is deleted. */
    ROW_UNEXPECTED,
    /** The log has a value, but the view has none. */
    CELL_MISSING,
    /** The view has a value, but the log has none, or an event cleared it. */
    CELL_UNEXPECTED,
    /** The values differ. */
    VALUE,
    /** The values are equal, but the writetimes differ. */
    WRITETIME,
    /** The cell has a TTL. The pipeline never writes cells with a TTL. */
    TIME_TO_LIVE
  }

  public Difference {
    requireNonNull(userId);
    requireNonNull(kind);
    requireNonNull(column);
    requireNonNull(detail);
  }

  @Override
  public String toString() {
    return "user %s: %s %s%s"
        .formatted(userId, kind, column, detail.isEmpty() ? "" : " (" + detail + ")");
  }
}
