package io.foldlog.speed.sink;

import io.foldlog.contract.TimestampSource;
import io.foldlog.log.LogId;
import io.foldlog.log.LogRecord;
import io.foldlog.log.RecordId;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.StructType;

/**
 * Column indexes of Spark's Kafka rows. Reads records from these rows.
 *
 * @param key index of the column {@code key}; the other parameters accordingly
 */
record RecordLayout(
    int key, int value, int partition, int offset, int timestamp, int timestampType, int headers)
    implements Serializable {

  /** Kafka's number of {@code LogAppendTime}. */
  private static final int LOG_APPEND_TIME = 1;

  static RecordLayout of(StructType schema) {
    return new RecordLayout(
        schema.fieldIndex("key"),
        schema.fieldIndex("value"),
        schema.fieldIndex("partition"),
        schema.fieldIndex("offset"),
        schema.fieldIndex("timestamp"),
        schema.fieldIndex("timestampType"),
        schema.fieldIndex("headers"));
  }

  /** Reads the record in the row. It stays valid after Spark reuses the row. */
  LogRecord read(InternalRow row, LogId logId) {
    return new LogRecord(
        new RecordId(logId, row.getInt(partition), row.getLong(offset)),
        row.getInt(timestampType) == LOG_APPEND_TIME
            ? TimestampSource.LOG_APPEND_TIME
            : TimestampSource.CREATE_TIME,
        // Spark's timestamps are µs; Kafka's are whole ms
        Math.floorDiv(row.getLong(timestamp), 1000L),
        row.isNullAt(key) ? null : row.getBinary(key),
        row.isNullAt(value) ? null : row.getBinary(value),
        readHeaders(row));
  }

  private List<Header> readHeaders(InternalRow row) {
    if (row.isNullAt(headers)) {
      return List.of();
    }
    ArrayData entries = row.getArray(headers);
    List<Header> list = new ArrayList<>(entries.numElements());
    for (int index = 0; index < entries.numElements(); index++) {
      InternalRow entry = entries.getStruct(index, 2);
      list.add(
          new RecordHeader(
              entry.getUTF8String(0).toString(), entry.isNullAt(1) ? null : entry.getBinary(1)));
    }
    return list;
  }
}
