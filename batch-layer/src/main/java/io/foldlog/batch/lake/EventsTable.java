package io.foldlog.batch.lake;

import io.foldlog.contract.DecodeResult;
import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.RawRecord;
import io.foldlog.contract.RecordHeader;
import io.foldlog.contract.TimestampSource;
import io.foldlog.lake.EventColumns;
import java.time.Instant;
import java.util.List;
import org.apache.spark.sql.Row;

/** Decodes rows of the table {@code events}. */
public final class EventsTable {

  /** The id of Kafka's timestamp type LogAppendTime. */
  private static final int LOG_APPEND_TIME = 1;

  /** The columns that {@link #decode} requires, in this order. */
  public static final String[] DECODED_COLUMNS = {
    EventColumns.KEY,
    EventColumns.VALUE,
    EventColumns.TIMESTAMP_TYPE,
    EventColumns.TIMESTAMP,
    EventColumns.OFFSET,
    EventColumns.TOPIC_ID,
    EventColumns.PARTITION,
    EventColumns.HEADERS
  };

  private EventsTable() {}

  /** Decodes a row of {@link #DECODED_COLUMNS}. */
  public static DecodeResult decode(EventDecoder decoder, Row row) {
    return decoder.decode(record(row));
  }

  private static RawRecord record(Row row) {
    return new RawRecord(
        row.isNullAt(0) ? null : row.<byte[]>getAs(0),
        row.isNullAt(1) ? null : row.<byte[]>getAs(1),
        row.isNullAt(7) ? List.of() : headers(row.getList(7)),
        timestampSource(row.getInt(2)),
        row.<Instant>getAs(3).toEpochMilli(),
        row.getLong(4));
  }

  private static List<RecordHeader> headers(List<Row> headers) {
    return headers.stream()
        .map(header -> new RecordHeader(header.getString(0), header.<byte[]>getAs(1)))
        .toList();
  }

  /** The time (µs) of an event without a time in that row of {@link #DECODED_COLUMNS}. */
  public static long placeMicros(Row row) {
    return record(row).placeMicros();
  }

  /** Converts the id of Kafka's timestamp type. */
  public static TimestampSource timestampSource(int kafkaTypeId) {
    return kafkaTypeId == LOG_APPEND_TIME
        ? TimestampSource.LOG_APPEND_TIME
        : TimestampSource.CREATE_TIME;
  }
}
