package io.foldlog.batch.lake;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * Records of the log that the archive will never hold and that an operator has accepted as lost.
 *
 * @param topicId the log id, as text
 * @param partition the partition of the records
 * @param from the first missing offset
 * @param until the offset after the last missing one, which is the next archived offset; empty if
 *     the topic was deleted or its content replaced, because the end of the log is then unknown
 * @param lastArchivedMillis the broker's timestamp of the last record archived before the gap, in
 *     ms since 1970; empty if there is none
 * @param kind why the records are missing
 * @param run the run that accepted the gap
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
    /**
     * The content of the topic was replaced: it holds other records at archived offsets, or none.
     * In gaps of earlier releases, these offsets are the gap, and it has an end.
     */
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
