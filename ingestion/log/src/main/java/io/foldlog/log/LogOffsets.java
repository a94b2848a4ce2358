package io.foldlog.log;

import java.util.Collections;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An offset for each partition of a topic: the offset after the last included record.
 *
 * @param logId the log
 * @param byPartition the offsets by partition; unmodifiable
 */
public record LogOffsets(LogId logId, SortedMap<Integer, Long> byPartition) {

  public LogOffsets {
    Objects.requireNonNull(logId);
    byPartition = Collections.unmodifiableSortedMap(new TreeMap<>(byPartition));
  }

  /** Offset 0 of every partition. */
  public static LogOffsets zero(TopicMetadata identity) {
    SortedMap<Integer, Long> offsets = new TreeMap<>();
    for (int partition = 0; partition < identity.partitions(); partition++) {
      offsets.put(partition, 0L);
    }
    return new LogOffsets(LogId.of(identity.topicId()), offsets);
  }

  /** Kafka's id of the topic. */
  public String topicId() {
    return logId.topicId();
  }

  /**
   * The partition's offset; 0 if there is none, for example for a partition that was added later.
   */
  public long offset(int partition) {
    return byPartition.getOrDefault(partition, 0L);
  }

  /**
   * The number of offsets from these offsets to the given end. The number of records may be lower,
   * because transaction markers and aborted records occupy offsets.
   */
  public long offsetsUntil(LogOffsets end) {
    return end.byPartition.entrySet().stream()
        .mapToLong(entry -> Math.max(0, entry.getValue() - offset(entry.getKey())))
        .sum();
  }

  /**
   * The sum of the offsets. It is the number of records before them if no record was deleted and no
   * transactional producer wrote to the topic.
   */
  public long sum() {
    return byPartition.values().stream().mapToLong(Long::longValue).sum();
  }

  /** The offsets by partition, such as {@code 0:15,1:7}. */
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
