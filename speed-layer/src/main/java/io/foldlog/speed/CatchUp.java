package io.foldlog.speed;

import io.foldlog.log.FetchSizes;
import io.foldlog.log.LogOffsets;
import io.foldlog.log.SkippedOffsets;
import io.foldlog.log.SkippedOffsets.Part;
import io.foldlog.speed.sink.SinkSettings;
import io.foldlog.speed.sink.UserViewSink;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Properties;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the layer past the skipped records that lie ahead of its position. A streaming query
 * cannot pass over an offset, so batch jobs write the records before it, through the same sink, and
 * the query starts behind it. Without a skipped record ahead it does nothing.
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

  /**
   * Writes up to the last skipped offset of each partition.
   *
   * @param end the last stable offsets
   */
  void run(LogOffsets end) {
    for (Map.Entry<Integer, NavigableMap<Long, Long>> each : skipped.ranges().entrySet()) {
      int partition = each.getKey();
      long position = gate.progress().offsets().offset(partition);
      long until = Math.min(each.getValue().lastEntry().getValue(), end.offset(partition));
      if (position >= until || skipped.firstFrom(partition, position).isEmpty()) {
        continue;
      }
      LOG.info(
          "event=catch_up partition={} from={} until={} reason=\"an operator skipped records there\"",
          partition,
          position,
          until);
      int maxPollRecords = FetchSizes.maxPollRecords(SparkSettings.executorHeap(spark));
      for (Part part : skipped.parts(partition, position, until, maxPollRecords)) {
        gate.committing(
            EPOCH, UserViewSink.write(UserEventQuery.read(spark, sink.topic(), part, kafka), sink));
      }
      gate.moveTo(partition, until);
    }
  }
}
