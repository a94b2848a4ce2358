package io.foldlog.batch.reconcile;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;

import io.foldlog.batch.lake.AcceptedGap;
import io.foldlog.batch.lake.EventsTable;
import io.foldlog.batch.lake.LakeTable;
import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.TimestampSource;
import io.foldlog.lake.EventColumns;
import java.time.Instant;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/** Finds the times that lost events can have, from the records around each gap. */
final class GapWindows {

  private GapWindows() {}

  static List<GapWindow> of(LakeTable events, List<AcceptedGap> gaps) {
    return gaps.stream().map(gap -> window(events, gap)).toList();
  }

  private static GapWindow window(LakeTable events, AcceptedGap gap) {
    long after =
        gap.lastArchivedMillis().isPresent()
            ? gap.lastArchivedMillis().getAsLong() * 1000
            : Long.MIN_VALUE;
    Column following =
        gap.until().isPresent()
            ? col(EventColumns.TOPIC_ID)
                .equalTo(gap.topicId())
                .and(col(EventColumns.PARTITION).equalTo(gap.partition()))
                .and(col(EventColumns.OFFSET).geq(gap.until().getAsLong()))
            : col(EventColumns.TOPIC_ID).notEqual(gap.topicId());
    if (gap.lastArchivedMillis().isPresent()) {
      following =
          following.and(
              col(EventColumns.TIMESTAMP)
                  .geq(functions.lit(Instant.ofEpochMilli(gap.lastArchivedMillis().getAsLong()))));
    }
    Row first =
        events
            .read()
            .where(following)
            .agg(
                min(EventColumns.TIMESTAMP),
                min(EventColumns.TIMESTAMP_TYPE),
                max(EventColumns.TIMESTAMP_TYPE))
            .first();
    boolean brokersClock =
        !first.isNullAt(0)
            && EventsTable.timestampSource(first.getInt(1)) == TimestampSource.LOG_APPEND_TIME
            && EventsTable.timestampSource(first.getInt(2)) == TimestampSource.LOG_APPEND_TIME;
    // An event is at most 5 minutes past its record; as much again for the clocks of two brokers.
    return new GapWindow(
        after,
        brokersClock
            ? (first.<Instant>getAs(0).toEpochMilli() + 2 * EventDecoder.MAX_AHEAD_MILLIS) * 1000
            : Long.MAX_VALUE);
  }
}
