package io.foldlog.log;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Collections;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How far a reader has read a log, with what is needed to detect that the log has lost records
 * since: see {@link LogIntegrity}. The checkpoint, the archive and the fold keep one.
 *
 * @param logId the log
 * @param byPartition the positions by partition; unmodifiable. A partition without a position was
 *     not read.
 */
public record LogPosition(
    @JsonProperty("log_id") LogId logId,
    @JsonProperty("partitions") SortedMap<Integer, PartitionPosition> byPartition) {

  public LogPosition {
    Objects.requireNonNull(logId);
    byPartition = Collections.unmodifiableSortedMap(new TreeMap<>(byPartition));
  }

  /** The position of a reader that has read nothing. */
  public static LogPosition none(LogId logId) {
    return new LogPosition(logId, new TreeMap<>());
  }

  /** The next offset of each partition. */
  @JsonIgnore
  public LogOffsets offsets() {
    SortedMap<Integer, Long> offsets = new TreeMap<>();
    byPartition.forEach((partition, position) -> offsets.put(partition, position.nextOffset()));
    return new LogOffsets(logId, offsets);
  }

  /** Returns this position with that of one partition replaced. */
  public LogPosition with(int partition, PartitionPosition position) {
    SortedMap<Integer, PartitionPosition> changed = new TreeMap<>(byPartition);
    changed.put(partition, position);
    return new LogPosition(logId, changed);
  }
}
