package io.foldlog.log;

import java.util.Collections;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The end of a topic.
 *
 * @param offsets for each partition, the last stable offset: readers of committed records read up
 *     to it
 * @param highWatermarks for each partition, the offset that the next record will have
 * @param leaderEpochs for each partition, Kafka's leader epoch. Acknowledged records can be lost
 *     only when the leader changes.
 */
public record EndOffsets(
    LogOffsets offsets, LogOffsets highWatermarks, SortedMap<Integer, Integer> leaderEpochs) {

  public EndOffsets {
    Objects.requireNonNull(offsets);
    Objects.requireNonNull(highWatermarks);
    leaderEpochs = Collections.unmodifiableSortedMap(new TreeMap<>(leaderEpochs));
  }

  /**
   * The number of offsets between the last stable offset and the high watermark. Their records are
   * held back by an open transaction.
   */
  public long heldBack() {
    return offsets.offsetsUntil(highWatermarks);
  }
}
