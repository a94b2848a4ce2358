package io.foldlog.batch.archive;

import io.foldlog.batch.lake.AcceptedGap;
import io.foldlog.batch.lake.CommitMetadata;
import io.foldlog.log.LogOffsets;
import java.util.List;

/**
 * What one append takes from the log, and what is known of the table before and after it.
 *
 * @param from the first record of each partition
 * @param until the record after the last
 * @param before what the table says of itself
 * @param after what it will say
 * @param newGaps that were accepted for it
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
    return from.recordsUntil(until);
  }

  boolean changesSomething() {
    return records() > 0 || !newGaps.isEmpty();
  }
}
