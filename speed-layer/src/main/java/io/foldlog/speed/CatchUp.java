package io.foldlog.speed;

import io.foldlog.log.FetchSizes;
import io.foldlog.log.LogOffsets;
import io.foldlog.log.SkippedOffsets;
import io.foldlog.log.SkippedOffsets.Part;
import io.foldlog.speed.sink.SinkSettings;
import io.foldlog.speed.sink.UserViewSink;
import java.util.Properties;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the layer past records that its query cannot pass: batch jobs write the records, through
 * the same sink, and the query starts behind them.
 *
 * <ul>
 *   <li>Skipped records ahead of the position: a streaming query cannot pass over an offset.
 *   <li>The records at which the last start ended for lack of heap: the jobs keep one record of
 *       each poll in memory. Many large records exceed the heap together, and none of them alone.
 * </ul>
 */
final class CatchUp {

  private static final Logger LOG = LoggerFactory.getLogger(CatchUp.class);

  /** The number in the log lines of commits. Spark's first batch or epoch has it too. */
  private static final long EPOCH = 0;

  private final SparkSession spark;
  private final SinkSettings sink;
  private final Properties kafka;
  private final SkippedOffsets skipped;
  private final CommitGate gate;

  /**
   * @param kafka properties of Kafka's clients
   */
  CatchUp(
      SparkSession spark,
      SinkSettings sink,
      Properties kafka,
      SkippedOffsets skipped,
      CommitGate gate) {
    this.spark = spark;
    this.sink = sink;
    this.kafka = kafka;
    this.skipped = skipped;
    this.gate = gate;
  }

  /** Writes up to the last skipped offset of each partition, at most up to the end. */
  void passSkipped(LogOffsets end) {
    skipped
        .ranges()
        .forEach(
            (partition, ranges) -> {
              long until = Math.min(ranges.lastEntry().getValue(), end.offset(partition));
              if (skipped.firstFrom(partition, position(partition)).isPresent()) {
                int maxPollRecords = FetchSizes.maxPollRecords(SparkSettings.executorHeap(spark));
                write(partition, until, maxPollRecords);
              }
            });
  }

  /**
   * Writes the records that the last start may have read ahead of its position, one by one.
   *
   * @param end the last stable offsets
   * @param offsets the number of offsets in each partition
   */
  void passOneByOne(LogOffsets end, long offsets) {
    end.byPartition()
        .forEach(
            (partition, last) ->
                write(partition, Math.min(last, position(partition) + offsets), 1));
  }

  private long position(int partition) {
    return gate.progress().offsets().offset(partition);
  }

  private void write(int partition, long until, int maxPollRecords) {
    long position = position(partition);
    if (position >= until) {
      return;
    }
    LOG.info(
        "event=catch_up partition={} from={} until={} max_poll_records={}",
        partition,
        position,
        until,
        maxPollRecords);
    for (Part part : skipped.parts(partition, position, until, maxPollRecords)) {
      gate.committing(
          EPOCH, UserViewSink.write(UserEventQuery.read(spark, sink.topic(), part, kafka), sink));
    }
    gate.moveTo(partition, until);
  }
}
