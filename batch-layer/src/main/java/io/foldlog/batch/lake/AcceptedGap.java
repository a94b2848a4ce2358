package io.foldlog.batch.lake;

import java.util.Objects;
import java.util.OptionalLong;

/**
 * Records of the log that the archive will never hold, which an operator has accepted.
 *
 * @param topicId of the log that lost them
 * @param partition that lost them
 * @param from the first offset that is missing
 * @param until the offset after the last one, which is the next that was or will be archived;
 *     {@link #UNKNOWN} when the topic was deleted, so that nobody can tell
 * @param lastArchivedMillis the broker's timestamp of the last record archived before it, or {@link
 *     #NOTHING_ARCHIVED}
 * @param kind why they are missing
 * @param run that accepted it
 */
public record AcceptedGap(
    String topicId,
    int partition,
    long from,
    long until,
    long lastArchivedMillis,
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

  public static final long UNKNOWN = -1;
  public static final long NOTHING_ARCHIVED = Long.MIN_VALUE / 1000;

  public AcceptedGap {
    Objects.requireNonNull(topicId);
    Objects.requireNonNull(kind);
    Objects.requireNonNull(run);
  }

  /** The offset after the gap, where it is known. */
  public OptionalLong end() {
    return until == UNKNOWN ? OptionalLong.empty() : OptionalLong.of(until);
  }
}
