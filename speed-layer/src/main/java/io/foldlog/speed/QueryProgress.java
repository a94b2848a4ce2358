package io.foldlog.speed;

import io.foldlog.log.EndOffsets;
import io.foldlog.log.LogOffsets;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * The progress of a query. Counts are of committed records since the start of the query.
 *
 * @param epoch the last committed batch or epoch; empty before the first
 * @param offsets the committed offsets: the view holds the log up to them
 * @param end the log's end at the last check
 * @param read records read
 * @param written events written
 * @param rejected dead letters
 */
record QueryProgress(
    OptionalLong epoch,
    LogOffsets offsets,
    EndOffsets end,
    long read,
    long written,
    long rejected) {

  QueryProgress {
    Objects.requireNonNull(epoch);
    Objects.requireNonNull(offsets);
    Objects.requireNonNull(end);
  }

  /**
   * The number of offsets between the committed offsets and the last stable offsets. It is 0 when
   * no record is among them: the committed offsets move past offsets without a record.
   */
  long lag() {
    return offsets.offsetsUntil(end.offsets());
  }
}
