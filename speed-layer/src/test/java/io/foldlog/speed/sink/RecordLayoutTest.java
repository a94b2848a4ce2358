package io.foldlog.speed.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.contract.TimestampSource;
import io.foldlog.log.LogId;
import io.foldlog.log.LogRecord;
import io.foldlog.log.RecordId;
import java.util.List;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;

class RecordLayoutTest {

  private static final LogId LOG = LogId.of("id");

  private static final RecordLayout LAYOUT =
      RecordLayout.of(
          new StructType()
              .add("headers", DataTypes.NullType)
              .add("key", DataTypes.BinaryType)
              .add("value", DataTypes.BinaryType)
              .add("topic", DataTypes.StringType)
              .add("partition", DataTypes.IntegerType)
              .add("offset", DataTypes.LongType)
              .add("timestamp", DataTypes.TimestampType)
              .add("timestampType", DataTypes.IntegerType));

  /** The same record as the log's own reader reads it. */
  private static LogRecord readFromKafka(byte[] key, byte[] value) {
    return new LogRecord(
        new RecordId(LOG, 3, 4711),
        TimestampSource.LOG_APPEND_TIME,
        1_234,
        key,
        value,
        List.of(
            new RecordHeader("trace", new byte[] {4}), new RecordHeader("trace", (byte[]) null)));
  }

  private static InternalRow row(
      Object headers, Object key, Object value, long timestampMicros, int timestampType) {
    return new GenericInternalRow(
        new Object[] {headers, key, value, null, 3, 4711L, timestampMicros, timestampType});
  }

  @Test
  void shouldReadAllPartsOfRecord() {
    byte[] key = {1};
    byte[] value = {2, 3};
    Object headers =
        new GenericArrayData(
            new Object[] {
              new GenericInternalRow(new Object[] {UTF8String.fromString("trace"), new byte[] {4}}),
              new GenericInternalRow(new Object[] {UTF8String.fromString("trace"), null})
            });

    LogRecord record = LAYOUT.read(row(headers, key, value, 1_234_000, 1), LOG);

    assertThat(record.id()).isEqualTo(new RecordId(LOG, 3, 4711));
    assertThat(record.timestampSource()).isEqualTo(TimestampSource.LOG_APPEND_TIME);
    assertThat(record.timestampMillis()).isEqualTo(1_234);
    assertThat(record.key()).isEqualTo(key);
    assertThat(record.value()).isEqualTo(value);
    assertThat(record.headers()).extracting(header -> header.key()).containsOnly("trace");
    assertThat(record.headers())
        .extracting(header -> header.value())
        .containsExactly(new byte[] {4}, null);
    assertThat(record.fingerprint()).isEqualTo(readFromKafka(key, value).fingerprint());
  }

  @Test
  void shouldReadRecordWithoutKeyValueAndHeaders() {
    LogRecord record = LAYOUT.read(row(null, null, null, -1_000, 0), LOG);

    assertThat(record.timestampSource()).isEqualTo(TimestampSource.CREATE_TIME);
    assertThat(record.timestampMillis()).isEqualTo(-1);
    assertThat(record.key()).isNull();
    assertThat(record.value()).isNull();
    assertThat(record.headers()).isEmpty();
  }
}
