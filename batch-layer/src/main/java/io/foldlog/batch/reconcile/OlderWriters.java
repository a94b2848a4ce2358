package io.foldlog.batch.reconcile;

import io.foldlog.view.DecodeVersions.Written;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Finds out whether a lower decode version may have written what no full reconcile has compared.
 */
final class OlderWriters {

  /** For the clocks of two machines, and for writes after the last time that was recorded. */
  static final Duration TOLERANCE = Duration.ofMinutes(5);

  private OlderWriters() {}

  /**
   * The lower version that wrote last, if it may have written since then.
   *
   * @param written the versions that have written to the view
   * @param version of this run
   * @param lastFullStart when the last successful full reconcile with this version began
   */
  static Optional<Written> since(
      List<Written> written, int version, Optional<Instant> lastFullStart) {
    return written.stream()
        .filter(each -> each.version() < version)
        .max(Comparator.comparing(Written::lastWrite))
        .filter(
            last ->
                lastFullStart
                    .filter(start -> start.isAfter(last.lastWrite().plus(TOLERANCE)))
                    .isEmpty());
  }
}
