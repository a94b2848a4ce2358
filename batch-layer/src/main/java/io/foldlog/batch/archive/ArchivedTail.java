package io.foldlog.batch.archive;

import static org.apache.spark.sql.functions.col;

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
import java.util.OptionalLong;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The last archived record of each partition of a log. Reads them when they are asked for, because
 * a record may be larger than the heap.
 */
final class ArchivedTail {

  private final LakeTable events;
  private final LogOffsets ends;

  /**
   * @param ends the offsets after the last archived records
   */
  ArchivedTail(LakeTable events, LogOffsets ends) {
    this.events = events;
    this.ends = ends;
  }

  private Dataset<Row> row(int partition) {
    return events
        .read()
        .where(
            col(EventColumns.TOPIC_ID)
                .equalTo(ends.logId().toString())
                .and(col(EventColumns.PARTITION).equalTo(partition))
                .and(col(EventColumns.OFFSET).equalTo(ends.offset(partition) - 1)));
  }

  /** The timestamp of the last record, in ms since 1970. Empty if there is no record. */
  OptionalLong timestampMillis(int partition) {
    return row(partition).select(EventColumns.TIMESTAMP).collectAsList().stream()
        .mapToLong(row -> row.<Instant>getAs(0).toEpochMilli())
        .findFirst();
  }

  /** The last record; null if there is none, as in a position. */
  LastRecord lastRecord(int partition) {
    return row(partition)
        .select(
            EventColumns.PARTITION,
            EventColumns.OFFSET,
            EventColumns.TIMESTAMP_TYPE,
            EventColumns.TIMESTAMP,
            EventColumns.KEY,
            EventColumns.VALUE,
            EventColumns.HEADERS)
        .collectAsList()
        .stream()
        .map(this::record)
        .map(record -> new LastRecord(record.offset(), record.fingerprint()))
        .findFirst()
        .orElse(null);
  }

  private LogRecord record(Row row) {
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
}
