package io.foldlog.log;

import java.util.Collections;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An offset for each partition of a topic: the record there is the first one after what is meant.
 *
 * @param topicId Kafka's id of the topic
 * @param byPartition unmodifiable
 */
public record LogOffsets(String topicId, SortedMap<Integer, Long> byPartition) {

  public LogOffsets {
    Objects.requireNonNull(topicId);
    byPartition = Collections.unmodifiableSortedMap(new TreeMap<>(byPartition));
  }

  /** Offset 0 of every partition. */
  public static LogOffsets zero(TopicMetadata identity) {
    SortedMap<Integer, Long> offsets = new TreeMap<>();
    for (int partition = 0; partition < identity.partitions(); partition++) {
      offsets.put(partition, 0L);
    }
    return new LogOffsets(identity.topicId(), offsets);
  }

  /** The partition's offset, or 0 where it is not named, as of a partition that came later. */
  public long offset(int partition) {
    return byPartition.getOrDefault(partition, 0L);
  }

  /** How many records stand from these offsets to those. */
  public long recordsUntil(LogOffsets end) {
    return end.byPartition.entrySet().stream()
        .mapToLong(entry -> Math.max(0, entry.getValue() - offset(entry.getKey())))
        .sum();
  }

  /** The sum of the offsets: how many records stand before them when the log is complete. */
  public long sum() {
    return byPartition.values().stream().mapToLong(Long::longValue).sum();
  }

  /** As in {@code 0:15,1:7}. */
  @Override
  public String toString() {
    return byPartition
        .toString()
        .replace("{", "")
        .replace("}", "")
        .replace('=', ':')
        .replace(" ", "");
  }
}
