package io.foldlog.batch.archive;

import io.foldlog.batch.lake.EventsTable;
import io.foldlog.batch.lake.LakeTable;
import io.foldlog.lake.EventColumns;
import io.foldlog.log.LogOffsets;
import io.foldlog.log.LogRecord;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.apache.kafka.common.header.Header;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/** The last archived record of each partition of a topic. */
final class ArchivedTail {

  private final Map<Integer, Row> byPartition = new TreeMap<>();

  /**
   * Reads the records.
   *
   * @param positions the offsets after the last archived records
   */
  ArchivedTail(LakeTable events, LogOffsets positions) {
    Column condition = functions.lit(false);
    for (Map.Entry<Integer, Long> position : positions.byPartition().entrySet()) {
      condition =
          condition.or(
              functions
                  .col(EventColumns.PARTITION)
                  .equalTo(position.getKey())
                  .and(functions.col(EventColumns.OFFSET).equalTo(position.getValue() - 1)));
    }
    List<Row> rows =
        events
            .read()
            .where(functions.col(EventColumns.TOPIC_ID).equalTo(positions.topicId()).and(condition))
            .select(
                EventColumns.PARTITION,
                EventColumns.TIMESTAMP,
                EventColumns.TIMESTAMP_TYPE,
                EventColumns.KEY,
                EventColumns.VALUE,
                EventColumns.HEADERS)
            .collectAsList();
    rows.forEach(row -> byPartition.put(row.getInt(0), row));
  }

  /** The timestamp of the last record, in ms since 1970. Empty if there is no record. */
  OptionalLong timestampMillis(int partition) {
    Row row = byPartition.get(partition);
    return row == null
        ? OptionalLong.empty()
        : OptionalLong.of(row.<Instant>getAs(1).toEpochMilli());
  }

  /** Whether the record of the log is equal to the archived one of its partition. */
  boolean matches(LogRecord record) {
    Row row = byPartition.get(record.partition());
    return row != null
        && row.<Instant>getAs(1).toEpochMilli() == record.timestampMillis()
        && EventsTable.timestampSource(row.getInt(2)) == record.timestampSource()
        && Arrays.equals(row.<byte[]>getAs(3), record.key())
        && Arrays.equals(row.<byte[]>getAs(4), record.value())
        && areEqual(row.isNullAt(5) ? List.of() : row.getList(5), record.headers());
  }

  private static boolean areEqual(List<Row> archived, List<Header> headers) {
    if (archived.size() != headers.size()) {
      return false;
    }
    for (int index = 0; index < headers.size(); index++) {
      Row row = archived.get(index);
      Header header = headers.get(index);
      if (!row.getString(0).equals(header.key())
          || !Arrays.equals(row.<byte[]>getAs(1), header.value())) {
        return false;
      }
    }
    return true;
  }
}
