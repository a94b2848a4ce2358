package io.foldlog.batch.lake;

import io.foldlog.contract.DecodeResult;
import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.TimestampSource;
import io.foldlog.lake.EventColumns;
import java.time.Instant;
import org.apache.spark.sql.Row;

/** Rows of {@code events} as records of the log. */
public final class EventsTable {

  /** Kafka's number for the broker's clock. */
  private static final int LOG_APPEND_TIME = 1;

  /** The columns that {@link #decode} wants, in its order. */
  public static final String[] DECODED_COLUMNS = {
    EventColumns.KEY,
    EventColumns.VALUE,
    EventColumns.TIMESTAMP_TYPE,
    EventColumns.TIMESTAMP,
    EventColumns.OFFSET,
    EventColumns.TOPIC_ID,
    EventColumns.PARTITION
  };

  private EventsTable() {}

  /** Decodes a row of {@link #DECODED_COLUMNS}. */
  public static DecodeResult decode(EventDecoder decoder, Row row) {
    return decoder.decode(
        row.isNullAt(0) ? null : row.<byte[]>getAs(0),
        row.isNullAt(1) ? null : row.<byte[]>getAs(1),
        timestampSource(row.getInt(2)),
        row.<Instant>getAs(3).toEpochMilli(),
        row.getLong(4));
  }

  /** Whose clock a record's timestamp is, by Kafka's number of it. */
  public static TimestampSource timestampSource(int kafkaNumber) {
    return kafkaNumber == LOG_APPEND_TIME
        ? TimestampSource.LOG_APPEND_TIME
        : TimestampSource.CREATE_TIME;
  }
}
