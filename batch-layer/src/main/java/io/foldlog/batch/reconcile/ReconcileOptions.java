package io.foldlog.batch.reconcile;

import io.foldlog.view.DecodeVersions.OlderVersion;
import java.util.Objects;
import java.util.Optional;

/**
 * What a reconcile was told.
 *
 * @param scope whom to look at
 * @param writing whether repairs are written
 * @param future what to do about cells written in the future
 * @param destructiveLimit of users with destructive repairs; without, as many as the design allows
 * @param olderVersion whether to repair a view to which a higher decode version has written
 */
public record ReconcileOptions(
    Scoping scope,
    Writing writing,
    UserComparison.FuturePolicy future,
    Optional<Long> destructiveLimit,
    OlderVersion olderVersion) {

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
    Objects.requireNonNull(destructiveLimit);
    Objects.requireNonNull(olderVersion);
  }

  boolean isDryRun() {
    return writing == Writing.DRY_RUN;
  }
}
