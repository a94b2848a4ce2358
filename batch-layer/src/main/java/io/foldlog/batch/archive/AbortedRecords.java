package io.foldlog.batch.archive;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;

import io.foldlog.batch.lake.AcceptedGap;
import io.foldlog.batch.lake.CommitMetadata;
import io.foldlog.batch.lake.Lake;
import io.foldlog.batch.lake.LakeTable;
import io.foldlog.lake.EventColumns;
import io.foldlog.log.EndOffsets;
import io.foldlog.log.LogId;
import io.foldlog.log.LogOffsets;
import io.foldlog.log.LogPosition;
import io.foldlog.log.PartitionPosition;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/**
 * Removes the rows of an archive that are not committed records of the log. Earlier releases also
 * archived the records of open transactions. What is still held back by one is removed too, and
 * archived again when it is committed.
 *
 * @param run the run that removes them
 */
record AbortedRecords(Lake lake, TopicReader reader, String run) {

  /**
   * Removes the rows in one commit, which sets the position back to the last stable offsets. Makes
   * no commit if there are none.
   *
   * @param before the commit metadata of the table
   * @param logId the archived log
   * @param begin the current beginning of the topic; older rows cannot be compared
   * @param end the current end of the topic
   * @return the number of removed rows
   */
  long remove(CommitMetadata before, LogId logId, LogOffsets begin, EndOffsets end) {
    LakeTable events = lake.events();
    Ranges ranges = ranges(before, logId, begin, end);
    Dataset<Row> rows =
        events
            .read()
            .where(col(EventColumns.TOPIC_ID).equalTo(logId.toString()))
            .select(
                EventColumns.TOPIC_ID,
                EventColumns.PARTITION,
                EventColumns.OFFSET,
                EventColumns.DAY);
    Dataset<Row> removed =
        notCommitted(rows.where(ranges.isComparable()), ranges)
            .union(rows.where(ranges.isHeldBack()))
            .where(isReplaced(before, logId).unary_$bang())
            .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      long count = removed.count();
      if (count > 0) {
        LogPosition position = position(ranges, without(rows, removed), end);
        CommitMetadata after = before.corrected(run, position, events.read().count() - count);
        events.withMetadata(after, () -> delete(events, removed));
      }
      return count;
    } finally {
      removed.unpersist();
    }
  }

  /**
   * What can be compared.
   *
   * @param from the first comparable offset of each partition that has any
   * @param until the offset after the last comparable one of each of these partitions
   * @param next the position after the removal
   */
  private record Ranges(LogOffsets from, LogOffsets until, LogOffsets next) {

    private Column isComparable() {
      Column condition = lit(false);
      for (int partition : until.byPartition().keySet()) {
        condition =
            condition.or(
                col(EventColumns.PARTITION)
                    .equalTo(partition)
                    .and(col(EventColumns.OFFSET).geq(from.offset(partition)))
                    .and(col(EventColumns.OFFSET).lt(until.offset(partition))));
      }
      return condition;
    }

    private Column isHeldBack() {
      Column condition = lit(false);
      for (Map.Entry<Integer, Long> partition : next.byPartition().entrySet()) {
        condition =
            condition.or(
                col(EventColumns.PARTITION)
                    .equalTo(partition.getKey())
                    .and(col(EventColumns.OFFSET).geq(partition.getValue())));
      }
      return condition;
    }
  }

  private static Ranges ranges(
      CommitMetadata before, LogId logId, LogOffsets begin, EndOffsets end) {
    SortedMap<Integer, Long> from = new TreeMap<>();
    SortedMap<Integer, Long> until = new TreeMap<>();
    SortedMap<Integer, Long> next = new TreeMap<>();
    before
        .offsets()
        .of(logId.toString())
        .byPartition()
        .forEach(
            (partition, position) -> {
              long last = Math.min(position, end.offsets().offset(partition));
              if (begin.offset(partition) < last) {
                from.put(partition, begin.offset(partition));
                until.put(partition, last);
              }
              // a log that ends before the position was accepted by an earlier release
              next.put(
                  partition, position <= end.highWatermarks().offset(partition) ? last : position);
            });
    return new Ranges(
        new LogOffsets(logId, from), new LogOffsets(logId, until), new LogOffsets(logId, next));
  }

  private Dataset<Row> notCommitted(Dataset<Row> rows, Ranges ranges) {
    return ranges.until().byPartition().isEmpty()
        ? rows
        : without(rows, reader.read(lake.spark(), ranges.from(), ranges.until()));
  }

  /** The rows whose partition and offset the others do not have. */
  private static Dataset<Row> without(Dataset<Row> rows, Dataset<Row> others) {
    return rows.as("row")
        .join(
            others.select("partition", "offset").as("other"),
            col("row.partition")
                .equalTo(col("other.partition"))
                .and(col("row.offset").equalTo(col("other.offset"))),
            "left_anti");
  }

  /** Records that the log no longer holds, because an earlier release accepted their loss. */
  private static Column isReplaced(CommitMetadata before, LogId logId) {
    Column condition = lit(false);
    for (AcceptedGap gap : before.gaps()) {
      if (gap.kind() == AcceptedGap.Kind.DIFFERING && gap.topicId().equals(logId.toString())) {
        condition =
            condition.or(
                col(EventColumns.PARTITION)
                    .equalTo(gap.partition())
                    .and(col(EventColumns.OFFSET).geq(gap.from()))
                    .and(col(EventColumns.OFFSET).lt(gap.until().orElse(Long.MAX_VALUE))));
      }
    }
    return condition;
  }

  private LogPosition position(Ranges ranges, Dataset<Row> remaining, EndOffsets end) {
    SortedMap<Integer, Long> ends = new TreeMap<>();
    remaining
        .groupBy(EventColumns.PARTITION)
        .agg(max(EventColumns.OFFSET).plus(1))
        .collectAsList()
        .forEach(row -> ends.put(row.getInt(0), row.getLong(1)));
    ArchivedTail tail =
        new ArchivedTail(lake.events(), new LogOffsets(ranges.next().logId(), ends));
    SortedMap<Integer, PartitionPosition> positions = new TreeMap<>();
    ranges
        .next()
        .byPartition()
        .forEach(
            (partition, next) ->
                positions.put(
                    partition,
                    new PartitionPosition(
                        next,
                        next <= end.highWatermarks().offset(partition)
                            ? end.leaderEpochs().get(partition)
                            : null,
                        tail.lastRecord(partition))));
    return new LogPosition(ranges.next().logId(), positions);
  }

  private static Void delete(LakeTable events, Dataset<Row> removed) {
    events
        .delta()
        .as("known")
        .merge(
            removed.as("removed"),
            "known.topic_id = removed.topic_id AND known.partition = removed.partition AND known.offset = removed.offset AND known.day = removed.day")
        .whenMatched()
        .delete()
        .execute();
    return null;
  }
}
