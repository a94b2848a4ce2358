package io.foldlog.admin.verify;

import static java.util.Objects.requireNonNull;

import java.util.UUID;

/**
 * One way in which the view does not equal the log, without the user's data.
 *
 * @param userId whose row it is
 * @param kind how it differs
 * @param column the cell's, or {@code row} for the row as a whole
 * @param detail times in µs, where they say more
 */
public record Difference(UUID userId, Kind kind, String column, String detail) {

  /** How the view can differ. */
  public enum Kind {
    /** The log has a live user; the view shows no row. */
    ROW_MISSING,
    /** The view shows a row; the log has no such user, or has it deleted. */
    ROW_UNEXPECTED,
    /** The log has a value; the view shows none. */
    CELL_MISSING,
    /** The view shows a value; the log has none, or has it cleared. */
    CELL_UNEXPECTED,
    /** The values differ. */
    VALUE,
    /** The values are equal, their times are not. */
    WRITETIME,
    /** The cell expires, which none of the pipeline's does. */
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
