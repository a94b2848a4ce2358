package io.foldlog.batch.archive;

import io.foldlog.batch.lake.AcceptedGap;
import java.util.List;
import java.util.Objects;

/**
 * The result of an archive run.
 *
 * @param records the number of appended records
 * @param from the first offset of each partition
 * @param until the offset after the last one of each partition
 * @param topicId Kafka's topic id
 * @param version the version of the table after the run
 * @param acceptedGaps the gaps that this run recorded
 */
public record ArchiveFigures(
    long records,
    String from,
    String until,
    String topicId,
    long version,
    List<AcceptedGap> acceptedGaps) {

  public ArchiveFigures {
    Objects.requireNonNull(from);
    Objects.requireNonNull(until);
    Objects.requireNonNull(topicId);
    acceptedGaps = List.copyOf(acceptedGaps);
  }
}
