package io.foldlog.batch.archive;

import io.foldlog.batch.lake.AcceptedGap;
import io.foldlog.batch.lake.CommitMetadata;
import io.foldlog.log.LogOffsets;
import java.util.List;

/**
 * The records of one append, and the commit metadata before and after it.
 *
 * @param from the first offset of each partition
 * @param until the offset after the last one of each partition
 * @param before the commit metadata of the table
 * @param after the commit metadata of the append
 * @param newGaps gaps that were accepted for this append
 */
record ArchivePlan(
    LogOffsets from,
    LogOffsets until,
    CommitMetadata before,
    CommitMetadata after,
    List<AcceptedGap> newGaps) {

  ArchivePlan {
    newGaps = List.copyOf(newGaps);
  }

  long records() {
    return from.offsetsUntil(until);
  }

  boolean hasChanges() {
    return records() > 0 || !newGaps.isEmpty();
  }
}
