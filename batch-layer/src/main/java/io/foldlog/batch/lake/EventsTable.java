package io.foldlog.batch.lake;

import io.foldlog.contract.Decoded;
import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.TimestampKind;
import java.time.Instant;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The columns of {@code events}: the log's records as they were. */
public final class EventsTable {

  public static final String TOPIC_ID = "topic_id";
  public static final String PARTITION = "partition";
  public static final String OFFSET = "offset";
  public static final String TIMESTAMP = "timestamp";
  public static final String TIMESTAMP_TYPE = "timestamp_type";
  public static final String KEY = "key";
  public static final String VALUE = "value";
  public static final String HEADERS = "headers";

  /** The UTC day of the timestamp; the table is partitioned by it. */
  public static final String DAY = "day";

  /** Kafka's number for the broker's clock. */
  private static final int LOG_APPEND_TIME = 1;

  static final StructType SCHEMA =
      new StructType()
          .add(TOPIC_ID, DataTypes.StringType)
          .add(PARTITION, DataTypes.IntegerType)
          .add(OFFSET, DataTypes.LongType)
          .add(TIMESTAMP, DataTypes.TimestampType)
          .add(TIMESTAMP_TYPE, DataTypes.IntegerType)
          .add(KEY, DataTypes.BinaryType)
          .add(VALUE, DataTypes.BinaryType)
          .add(
              HEADERS,
              DataTypes.createArrayType(
                  new StructType()
                      .add("key", DataTypes.StringType)
                      .add("value", DataTypes.BinaryType)))
          .add(DAY, DataTypes.DateType);

  /** The columns that {@link #decode} wants, in its order. */
  public static final String[] DECODED_COLUMNS = {
    KEY, VALUE, TIMESTAMP_TYPE, TIMESTAMP, OFFSET, TOPIC_ID, PARTITION
  };

  private EventsTable() {}

  /** Decodes a row of {@link #DECODED_COLUMNS}. */
  public static Decoded decode(EventDecoder decoder, Row row) {
    return decoder.decode(
        row.isNullAt(0) ? null : row.<byte[]>getAs(0),
        row.isNullAt(1) ? null : row.<byte[]>getAs(1),
        timestampKind(row.getInt(2)),
        row.<Instant>getAs(3).toEpochMilli(),
        row.getLong(4));
  }

  /** Whose clock a record's timestamp is, by Kafka's number of it. */
  public static TimestampKind timestampKind(int kafkaNumber) {
    return kafkaNumber == LOG_APPEND_TIME
        ? TimestampKind.LOG_APPEND_TIME
        : TimestampKind.CREATE_TIME;
  }
}
