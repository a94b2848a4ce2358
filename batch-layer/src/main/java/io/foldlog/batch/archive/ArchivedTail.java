package io.foldlog.batch.archive;

import io.foldlog.batch.lake.EventsTable;
import io.foldlog.batch.lake.LakeTable;
import io.foldlog.lake.EventColumns;
import io.foldlog.log.LogOffsets;
import io.foldlog.log.LogRecord;
import io.foldlog.log.PartitionPosition.LastRecord;
import io.foldlog.log.RecordId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/** The last archived record of each partition of a log. */
final class ArchivedTail {

  private final Map<Integer, LogRecord> byPartition = new TreeMap<>();

  /**
   * Reads the records.
   *
   * @param ends the offsets after the last archived records
   */
  ArchivedTail(LakeTable events, LogOffsets ends) {
    Column condition = functions.lit(false);
    for (Map.Entry<Integer, Long> end : ends.byPartition().entrySet()) {
      condition =
          condition.or(
              functions
                  .col(EventColumns.PARTITION)
                  .equalTo(end.getKey())
                  .and(functions.col(EventColumns.OFFSET).equalTo(end.getValue() - 1)));
    }
    events
        .read()
        .where(functions.col(EventColumns.TOPIC_ID).equalTo(ends.logId().toString()).and(condition))
        .select(
            EventColumns.PARTITION,
            EventColumns.OFFSET,
            EventColumns.TIMESTAMP_TYPE,
            EventColumns.TIMESTAMP,
            EventColumns.KEY,
            EventColumns.VALUE,
            EventColumns.HEADERS)
        .collectAsList()
        .forEach(row -> byPartition.put(row.getInt(0), record(ends, row)));
  }

  private static LogRecord record(LogOffsets ends, Row row) {
    return new LogRecord(
        new RecordId(ends.logId(), row.getInt(0), row.getLong(1)),
        EventsTable.timestampSource(row.getInt(2)),
        row.<Instant>getAs(3).toEpochMilli(),
        row.<byte[]>getAs(4),
        row.<byte[]>getAs(5),
        row.isNullAt(6) ? List.of() : headers(row.getList(6)));
  }

  private static List<Header> headers(List<Row> archived) {
    List<Header> headers = new ArrayList<>();
    archived.forEach(
        header -> headers.add(new RecordHeader(header.getString(0), header.<byte[]>getAs(1))));
    return headers;
  }

  /** The timestamp of the last record, in ms since 1970. Empty if there is no record. */
  OptionalLong timestampMillis(int partition) {
    LogRecord record = byPartition.get(partition);
    return record == null ? OptionalLong.empty() : OptionalLong.of(record.timestampMillis());
  }

  /** The last record; null if there is none, as in a position. */
  LastRecord lastRecord(int partition) {
    LogRecord record = byPartition.get(partition);
    return record == null ? null : new LastRecord(record.offset(), record.fingerprint());
  }
}
