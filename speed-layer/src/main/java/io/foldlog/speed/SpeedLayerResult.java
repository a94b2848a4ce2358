package io.foldlog.speed;

import io.foldlog.contract.PipelineException;
import io.foldlog.log.HeldBackRecords;
import java.util.Collections;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The result of a query. Counts are of committed records since the start of the query. Records that
 * were read and not committed are read again.
 *
 * @param ending why the query ended
 * @param message what failed and what to do; empty after a stop
 * @param topic name of the topic
 * @param topicId Kafka's id of the topic
 * @param recordsRead number of records
 * @param eventsWritten number of events in the view
 * @param recordsRejected number of dead letters
 * @param offsets the committed offsets by partition
 * @param lag offsets from the committed offsets to the last stable offsets
 * @param heldBack the records that an open transaction holds back; they are not part of the lag
 */
public record SpeedLayerResult(
    Ending ending,
    String message,
    String topic,
    String topicId,
    long recordsRead,
    long eventsWritten,
    long recordsRejected,
    SortedMap<Integer, Long> offsets,
    long lag,
    HeldBackRecords.Summary heldBack) {

  /** Why a query ended. */
  public enum Ending {
    /** A stop was requested. */
    STOP_REQUESTED,
    /** A setting is not valid, or provisioning is missing. */
    USAGE_ERROR,
    /** The log or the checkpoint differs from the stored state. */
    STATE_MISMATCH,
    /** Kafka, Cassandra or Spark's executors did not answer in time. */
    UNAVAILABLE,
    /** The heap is too small, for example for a record that is large after decompression. */
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
    Objects.requireNonNull(heldBack);
    offsets = Collections.unmodifiableSortedMap(new TreeMap<>(offsets));
  }
}
