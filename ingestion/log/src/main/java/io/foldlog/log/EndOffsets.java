package io.foldlog.log;

import java.util.Collections;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The end offsets of a topic.
 *
 * @param offsets for each partition, the offset that the next record will have
 * @param leaderEpochs for each partition, Kafka's leader epoch. Acknowledged records can be lost
 *     only when the leader changes.
 */
public record EndOffsets(LogOffsets offsets, SortedMap<Integer, Integer> leaderEpochs) {

  public EndOffsets {
    Objects.requireNonNull(offsets);
    leaderEpochs = Collections.unmodifiableSortedMap(new TreeMap<>(leaderEpochs));
  }
}
