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
 * The offsets up to which a lake table contains each log that was archived: for each partition, the
 * offset after the last record.
 *
 * @param byLog log id → partition → offset; unmodifiable
 */
public record LakeOffsets(SortedMap<String, SortedMap<Integer, Long>> byLog) {

  /** No log. */
  public static final LakeOffsets NONE = new LakeOffsets(new TreeMap<>());

  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public LakeOffsets {
    SortedMap<String, SortedMap<Integer, Long>> copy = new TreeMap<>();
    byLog.forEach(
        (logId, partitions) ->
            copy.put(logId, Collections.unmodifiableSortedMap(new TreeMap<>(partitions))));
    byLog = Collections.unmodifiableSortedMap(copy);
  }

  @Override
  @JsonValue
  public SortedMap<String, SortedMap<Integer, Long>> byLog() {
    return byLog;
  }

  /** Returns these offsets with those of one log replaced. */
  public LakeOffsets with(LogOffsets offsets) {
    SortedMap<String, SortedMap<Integer, Long>> changed = new TreeMap<>(byLog);
    SortedMap<Integer, Long> partitions =
        new TreeMap<>(byLog.getOrDefault(offsets.logId().toString(), new TreeMap<>()));
    partitions.putAll(offsets.byPartition());
    changed.put(offsets.logId().toString(), partitions);
    return new LakeOffsets(changed);
  }

  /** The offset after the last record; 0 without a record. */
  public long offset(String logId, int partition) {
    return byLog.getOrDefault(logId, Collections.emptySortedMap()).getOrDefault(partition, 0L);
  }

  /** Returns the offsets of one log. */
  public LogOffsets of(String logId) {
    return new LogOffsets(
        LogId.parse(logId), byLog.getOrDefault(logId, Collections.emptySortedMap()));
  }

  /** The number of records from these offsets up to the end offsets. */
  public long offsetsUntil(LakeOffsets end) {
    return end.byLog.keySet().stream()
        .mapToLong(logId -> of(logId).offsetsUntil(end.of(logId)))
        .sum();
  }

  /** Whether no partition has a higher offset than the end offsets. */
  public boolean isWithin(LakeOffsets end) {
    return byLog.entrySet().stream()
        .allMatch(
            log ->
                log.getValue().entrySet().stream()
                    .allMatch(
                        partition ->
                            partition.getValue() <= end.offset(log.getKey(), partition.getKey())));
  }

  /** The condition that selects the archived records from these offsets up to the end offsets. */
  public Column recordsUntilCondition(LakeOffsets end) {
    Column condition = functions.lit(false);
    for (Map.Entry<String, SortedMap<Integer, Long>> log : end.byLog.entrySet()) {
      for (Map.Entry<Integer, Long> partition : log.getValue().entrySet()) {
        long from = offset(log.getKey(), partition.getKey());
        if (from < partition.getValue()) {
          condition =
              condition.or(
                  functions
                      .col(EventColumns.TOPIC_ID)
                      .equalTo(log.getKey())
                      .and(functions.col(EventColumns.PARTITION).equalTo(partition.getKey()))
                      .and(functions.col(EventColumns.OFFSET).geq(from))
                      .and(functions.col(EventColumns.OFFSET).lt(partition.getValue())));
        }
      }
    }
    return condition;
  }

  /** Formats as {@code 0:15,1:7}. Several logs are prefixed with their ids. */
  @Override
  public String toString() {
    return byLog.size() == 1
        ? of(byLog.firstKey()).toString()
        : byLog.keySet().stream()
            .map(logId -> logId + "/" + of(logId))
            .collect(Collectors.joining(" "));
  }
}
