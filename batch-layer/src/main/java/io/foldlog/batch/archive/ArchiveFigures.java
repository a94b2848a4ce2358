package io.foldlog.batch.archive;

import io.foldlog.batch.lake.AcceptedGap;
import io.foldlog.log.HeldBackRecords;
import java.util.List;
import java.util.Objects;

/**
 * The result of an archive run.
 *
 * @param records the number of appended records
 * @param offsetsWithoutRecords the number of offsets in the range that held no committed record
 * @param removedAborted the number of removed records that were never committed; only the first run
 *     on an archive of an earlier release removes any
 * @param from the first offset of each partition
 * @param until the offset after the last one of each partition
 * @param heldBack the records past the range that an open transaction held back
 * @param topicId the log id: Kafka's topic id, followed by {@code #n} after n replacements
 * @param version the version of the table after the run
 * @param acceptedGaps the gaps that this run recorded
 */
public record ArchiveFigures(
    long records,
    long offsetsWithoutRecords,
    long removedAborted,
    String from,
    String until,
    HeldBackRecords.Summary heldBack,
    String topicId,
    long version,
    List<AcceptedGap> acceptedGaps) {

  public ArchiveFigures {
    Objects.requireNonNull(from);
    Objects.requireNonNull(until);
    Objects.requireNonNull(heldBack);
    Objects.requireNonNull(topicId);
    acceptedGaps = List.copyOf(acceptedGaps);
  }
}
