package io.foldlog.speed;

import io.foldlog.contract.PipelineException;
import java.util.Collections;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How a query ended. Counts are of what was committed: a record that was read and not committed is
 * read again.
 *
 * @param ending why it ended
 * @param message what went wrong and what to do; empty after a stop
 * @param topic the log
 * @param topicId Kafka's id of it
 * @param recordsRead since the start of this run
 * @param eventsWritten into the view
 * @param recordsRejected as dead letters
 * @param offsets by partition, up to where the view holds the log
 */
public record SpeedLayerResult(
    Ending ending,
    String message,
    String topic,
    String topicId,
    long recordsRead,
    long eventsWritten,
    long recordsRejected,
    SortedMap<Integer, Long> offsets) {

  /** Why a query ended. */
  public enum Ending {
    /** It was asked to. */
    STOP_REQUESTED,
    /** Settings are not acceptable, or something has to be provisioned first. */
    USAGE_ERROR,
    /** The log or the checkpoint is not what was recorded of it. */
    STATE_MISMATCH,
    /** Kafka, Cassandra or Spark's executors did not answer in time. */
    UNAVAILABLE,
    /** The heap is too small, such as for a record that is large once it is unpacked. */
    RESOURCE_EXHAUSTED;

    static Ending of(PipelineException.Kind kind) {
      return switch (kind) {
        case USAGE_ERROR -> USAGE_ERROR;
        case STATE_MISMATCH -> STATE_MISMATCH;
        case UNAVAILABLE -> UNAVAILABLE;
        case RESOURCE_EXHAUSTED -> RESOURCE_EXHAUSTED;
        case REPAIR_LIMIT_EXCEEDED, UNRESOLVED_DRIFT ->
            throw new IllegalArgumentException(kind.name());
      };
    }
  }

  public SpeedLayerResult {
    Objects.requireNonNull(ending);
    Objects.requireNonNull(message);
    Objects.requireNonNull(topic);
    Objects.requireNonNull(topicId);
    offsets = Collections.unmodifiableSortedMap(new TreeMap<>(offsets));
  }
}
