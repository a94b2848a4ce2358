package io.foldlog.batch.lake;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * Records of the log that the archive will never hold, which an operator has accepted.
 *
 * @param topicId of the log that lost them
 * @param partition that lost them
 * @param from the first offset that is missing
 * @param until the offset after the last one, which is the next that was or will be archived; empty
 *     when the topic was deleted, so that its end is not known
 * @param lastArchivedMillis the broker's timestamp of the last record archived before it; empty
 *     when there is none
 * @param kind why they are missing
 * @param run that accepted it
 */
public record AcceptedGap(
    String topicId,
    int partition,
    long from,
    @JsonSerialize(using = StoredLong.Writer.class)
        @JsonDeserialize(using = StoredLong.Reader.class)
        OptionalLong until,
    @JsonSerialize(using = StoredLong.Writer.class)
        @JsonDeserialize(using = StoredLong.Reader.class)
        OptionalLong lastArchivedMillis,
    Kind kind,
    String run) {

  /** Why records are missing. */
  public enum Kind {
    /** They were deleted from the log before they were archived. */
    RETENTION,
    /** The log holds other records at these offsets, or none any more. */
    DIFFERING,
    /** The topic was deleted and created again. */
    NEW_TOPIC
  }

  public AcceptedGap {
    Objects.requireNonNull(topicId);
    Objects.requireNonNull(until);
    Objects.requireNonNull(lastArchivedMillis);
    Objects.requireNonNull(kind);
    Objects.requireNonNull(run);
  }

  /** Whether the first archived record after the gap has this offset. */
  public boolean endsAt(long offset) {
    return until.isPresent() && until.getAsLong() == offset;
  }
}
