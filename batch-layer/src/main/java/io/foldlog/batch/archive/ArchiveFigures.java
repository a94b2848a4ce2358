package io.foldlog.batch.archive;

import io.foldlog.batch.lake.AcceptedGap;
import java.util.List;
import java.util.Objects;

/**
 * What an archive run did.
 *
 * @param records that were appended
 * @param from the first offset of each partition
 * @param until the offset after the last of each partition
 * @param topicId the topic's id
 * @param version of the table afterwards
 * @param acceptedGaps that this run recorded
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
