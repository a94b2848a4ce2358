package io.foldlog.batch.lake;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.foldlog.lake.EventColumns;
import io.foldlog.log.LogId;
import io.foldlog.log.LogOffsets;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;

/**
 * The offsets up to which a lake table contains each topic that was archived: for each partition,
 * the offset after the last record.
 *
 * @param byTopic topic id → partition → offset; unmodifiable
 */
public record LakeOffsets(SortedMap<String, SortedMap<Integer, Long>> byTopic) {

  /** No topic. */
  public static final LakeOffsets NONE = new LakeOffsets(new TreeMap<>());

  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public LakeOffsets {
    SortedMap<String, SortedMap<Integer, Long>> copy = new TreeMap<>();
    byTopic.forEach(
        (topicId, partitions) ->
            copy.put(topicId, Collections.unmodifiableSortedMap(new TreeMap<>(partitions))));
    byTopic = Collections.unmodifiableSortedMap(copy);
  }

  @Override
  @JsonValue
  public SortedMap<String, SortedMap<Integer, Long>> byTopic() {
    return byTopic;
  }

  /** Returns these offsets with those of one topic replaced. */
  public LakeOffsets with(LogOffsets offsets) {
    SortedMap<String, SortedMap<Integer, Long>> changed = new TreeMap<>(byTopic);
    SortedMap<Integer, Long> partitions =
        new TreeMap<>(byTopic.getOrDefault(offsets.logId().toString(), new TreeMap<>()));
    partitions.putAll(offsets.byPartition());
    changed.put(offsets.logId().toString(), partitions);
    return new LakeOffsets(changed);
  }

  /** The offset after the last record; 0 without a record. */
  public long offset(String topicId, int partition) {
    return byTopic.getOrDefault(topicId, Collections.emptySortedMap()).getOrDefault(partition, 0L);
  }

  /** Returns the offsets of one topic. */
  public LogOffsets of(String topicId) {
    return new LogOffsets(
        LogId.parse(topicId), byTopic.getOrDefault(topicId, Collections.emptySortedMap()));
  }

  /** The number of records from these offsets up to the end offsets. */
  public long offsetsUntil(LakeOffsets end) {
    return end.byTopic.keySet().stream()
        .mapToLong(topicId -> of(topicId).offsetsUntil(end.of(topicId)))
        .sum();
  }

  /** Whether no partition has a higher offset than the end offsets. */
  public boolean isWithin(LakeOffsets end) {
    return byTopic.entrySet().stream()
        .allMatch(
            topic ->
                topic.getValue().entrySet().stream()
                    .allMatch(
                        partition ->
                            partition.getValue()
                                <= end.offset(topic.getKey(), partition.getKey())));
  }

  /** The condition that selects the archived records from these offsets up to the end offsets. */
  public Column recordsUntilCondition(LakeOffsets end) {
    Column condition = functions.lit(false);
    for (Map.Entry<String, SortedMap<Integer, Long>> topic : end.byTopic.entrySet()) {
      for (Map.Entry<Integer, Long> partition : topic.getValue().entrySet()) {
        long from = offset(topic.getKey(), partition.getKey());
        if (from < partition.getValue()) {
          condition =
              condition.or(
                  functions
                      .col(EventColumns.TOPIC_ID)
                      .equalTo(topic.getKey())
                      .and(functions.col(EventColumns.PARTITION).equalTo(partition.getKey()))
                      .and(functions.col(EventColumns.OFFSET).geq(from))
                      .and(functions.col(EventColumns.OFFSET).lt(partition.getValue())));
        }
      }
    }
    return condition;
  }

  /** Formats as {@code 0:15,1:7}. Several topics are prefixed with their ids. */
  @Override
  public String toString() {
    return byTopic.size() == 1
        ? of(byTopic.firstKey()).toString()
        : byTopic.keySet().stream()
            .map(topicId -> topicId + "/" + of(topicId))
            .collect(Collectors.joining(" "));
  }
}
