package io.foldlog.batch.reconcile;

/** What became of a user with drift. */
public enum UserOutcome {
  /** Nothing was written: a dry run, the limit, or a cell in the future. */
  NOT_REPAIRED,
  /** Every repair has taken. */
  REPAIRED,
  /** A repair was refused or did not take within two rounds, or another cell is in the future. */
  UNRESOLVED,
  /** Repairs wait for this layer to be as new as the speed layer that runs. */
  HELD_BACK,
  /** What differs may be of records that the log has lost, in an accepted gap. */
  EXCLUDED_BY_GAP
}
