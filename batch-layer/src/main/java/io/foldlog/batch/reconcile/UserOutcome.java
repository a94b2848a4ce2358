package io.foldlog.batch.reconcile;

/** What became of a user with drift. */
public enum UserOutcome {
  /** Nothing was written: a dry run, the limit, a cell in the future, or a lower decode version. */
  NOT_REPAIRED,
  /** Every repair has taken. */
  REPAIRED,
  /** A repair was refused or did not take within two rounds, or another cell is in the future. */
  UNRESOLVED,
  /** What differs may be of records that the log has lost, in an accepted gap. */
  EXCLUDED_BY_GAP
}
