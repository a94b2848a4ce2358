package io.foldlog.batch.reconcile;

import java.util.Objects;
import java.util.OptionalLong;

/**
 * What a reconcile was told.
 *
 * @param scope whom to look at
 * @param writing whether repairs are written
 * @param future what to do about cells written in the future
 * @param limit of users with destructive repairs; negative for the default
 */
public record ReconcileOptions(
    Scoping scope, Writing writing, UserComparison.FuturePolicy future, long limit) {

  /** The default of {@link #limit}. */
  public static final long DEFAULT_LIMIT = -1;

  /** Whom to look at. */
  public enum Scoping {
    /** Who changed since the last successful reconcile, the raised, and a slice of the ring. */
    CHANGED,
    /** Everybody. */
    FULL
  }

  /** Whether repairs are written. */
  public enum Writing {
    REPAIR,
    DRY_RUN
  }

  public ReconcileOptions {
    Objects.requireNonNull(scope);
    Objects.requireNonNull(writing);
    Objects.requireNonNull(future);
  }

  boolean isDryRun() {
    return writing == Writing.DRY_RUN;
  }

  OptionalLong destructiveLimit() {
    return limit < 0 ? OptionalLong.empty() : OptionalLong.of(limit);
  }
}
