package io.foldlog.batch.archive;

import io.foldlog.batch.lake.AcceptedGap;
import io.foldlog.batch.lake.CommitMetadata;
import io.foldlog.log.LogId;
import io.foldlog.log.LogOffsets;
import io.foldlog.log.LogPosition;
import java.util.List;
import java.util.Optional;

/**
 * The range of offsets of one append, and the commit metadata before and after it.
 *
 * @param from the first offset of each partition
 * @param reached the position in the log after the append
 * @param before the commit metadata of the table
 * @param after the commit metadata of the append
 * @param uncompared the archived log if an earlier release archived it without regard to
 *     transactions; see {@link AbortedRecords}
 * @param newGaps gaps that were accepted for this append
 */
record ArchivePlan(
    LogOffsets from,
    LogPosition reached,
    CommitMetadata before,
    CommitMetadata after,
    Optional<LogId> uncompared,
    List<AcceptedGap> newGaps) {

  ArchivePlan {
    newGaps = List.copyOf(newGaps);
  }

  /** The offset after the last one of each partition. */
  LogOffsets until() {
    return reached.offsets();
  }

  /** The number of offsets. The number of records may be lower. */
  long offsets() {
    return from.offsetsUntil(until());
  }

  boolean hasChanges() {
    return offsets() > 0
        || !newGaps.isEmpty()
        || !before.gaps().equals(after.gaps())
        || !before.logId().isEmpty() && before.position(reached.logId()).isEmpty();
  }
}
