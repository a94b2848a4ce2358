package io.foldlog.batch.reconcile;

/** How a reconcile ended. */
public enum ReconcileOutcome {
  /** The view equals the log; nothing was to be repaired. */
  CLEAN,
  /** There was drift, and every repair has taken. */
  REPAIRED,
  /** A dry run found drift. */
  DRIFT_FOUND,
  /** All that differs may be of records that the log has lost, in an accepted gap. */
  EXCLUDED_BY_GAP,
  /** The repairs would destroy more than the limit allows; nothing was written. */
  REPAIR_LIMIT_EXCEEDED,
  /**
   * Drift is left: repairs did not take, cells are written in the future, or nothing was written
   * because a higher decode version has written to the view.
   */
  UNRESOLVED_DRIFT
}
