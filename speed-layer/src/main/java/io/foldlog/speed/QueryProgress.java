package io.foldlog.speed;

import io.foldlog.log.LogOffsets;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * How far a query has come; counts are since its start, of what was committed.
 *
 * @param epoch the last batch or epoch that was committed; empty before the first
 * @param offsets up to where the view holds the log
 * @param end where the log ended when it was last asked
 * @param read records
 * @param written events
 * @param rejected dead letters
 */
record QueryProgress(
    OptionalLong epoch,
    LogOffsets offsets,
    LogOffsets end,
    long read,
    long written,
    long rejected) {

  QueryProgress {
    Objects.requireNonNull(epoch);
    Objects.requireNonNull(offsets);
    Objects.requireNonNull(end);
  }

  /** How many records the log holds that the view does not. */
  long lag() {
    return offsets.recordsUntil(end);
  }
}
