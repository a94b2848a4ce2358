package io.foldlog.batch.reconcile;

/** Why cells of a user still differ from the log after a reconcile. */
public enum UnresolvedReason {
  /** A cell is written in the future, and the run does not overwrite such cells. */
  FUTURE_WRITETIME,
  /** A cell has the highest possible writetime, so nothing can overwrite it. */
  HIGHEST_WRITETIME,
  /** Cassandra refused the repair. */
  REJECTED,
  /** A deletion at the time of the repair or later covers the cells. */
  FUTURE_DELETION,
  /** A row marker at the time of the repair or later keeps the row visible. */
  FUTURE_ROW_MARKER,
  /** Cassandra acknowledged the repair, and the row shows older data. */
  NOT_APPLIED
}
