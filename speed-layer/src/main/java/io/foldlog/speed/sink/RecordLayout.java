package io.foldlog.speed.sink;

import io.foldlog.contract.TimestampKind;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.StructType;

/**
 * Where the parts of a Kafka record stand in Spark's rows, so that they are read in place.
 *
 * @param key the column of the key, and so on
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

  byte[] key(InternalRow row) {
    return row.isNullAt(key) ? null : row.getBinary(key);
  }

  byte[] value(InternalRow row) {
    return row.isNullAt(value) ? null : row.getBinary(value);
  }

  int partition(InternalRow row) {
    return row.getInt(partition);
  }

  long offset(InternalRow row) {
    return row.getLong(offset);
  }

  /** Spark's timestamps are µs; Kafka's were whole ms. */
  long timestampMillis(InternalRow row) {
    return Math.floorDiv(row.getLong(timestamp), 1000L);
  }

  TimestampKind timestampKind(InternalRow row) {
    return row.getInt(timestampType) == LOG_APPEND_TIME
        ? TimestampKind.LOG_APPEND_TIME
        : TimestampKind.CREATE_TIME;
  }

  List<Header> headers(InternalRow row) {
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
