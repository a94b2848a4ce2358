package io.foldlog.batch.archive;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foldlog.log.FetchSizes;
import io.foldlog.log.LogId;
import io.foldlog.log.LogOffsets;
import io.foldlog.log.SkippedOffsets;
import io.foldlog.log.SkippedOffsets.Part;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Reads the committed records of a topic with Spark's Kafka source.
 *
 * @param topic the name of the topic
 * @param kafka the Kafka client properties
 * @param skipped the offsets that reads pass over
 * @param maxPollRecords the maximum number of records of one poll in memory
 */
record TopicReader(String topic, Properties kafka, SkippedOffsets skipped, int maxPollRecords) {

  private static final ObjectMapper JSON = new ObjectMapper();

  TopicReader {
    Objects.requireNonNull(topic);
    Objects.requireNonNull(kafka);
    Objects.requireNonNull(skipped);
  }

  /** A reader whose polls follow the heap of this JVM. */
  static TopicReader of(String topic, Properties kafka, SkippedOffsets skipped) {
    return new TopicReader(
        topic, kafka, skipped, FetchSizes.maxPollRecords(Runtime.getRuntime().maxMemory()));
  }

  /** The same reader with one record of each poll in memory. */
  TopicReader oneByOne() {
    return new TopicReader(topic, kafka, skipped, 1);
  }

  /**
   * The records of the partitions of {@code until}, with the columns of Spark's Kafka source.
   *
   * @param from the first offset of each partition
   * @param until the offset after the last one of each partition
   */
  Dataset<Row> read(SparkSession spark, LogOffsets from, LogOffsets until) {
    List<Part> parts =
        until.byPartition().keySet().stream()
            .flatMap(
                partition ->
                    skipped
                        .parts(
                            partition,
                            from.offset(partition),
                            until.offset(partition),
                            maxPollRecords)
                        .stream())
            .toList();
    boolean isWhole = parts.stream().allMatch(part -> isWhole(part, from, until));
    if (isWhole) {
      return read(spark, from, until, maxPollRecords);
    }
    return parts.stream()
        .map(
            part ->
                read(
                    spark,
                    at(until.logId(), part.partition(), part.from()),
                    at(until.logId(), part.partition(), part.until()),
                    part.maxPollRecords()))
        .reduce(Dataset::union)
        .orElseThrow();
  }

  /** Whether nothing is skipped in the part's partition, and no skipped offset follows closely. */
  private boolean isWhole(Part part, LogOffsets from, LogOffsets until) {
    return part.from() == from.offset(part.partition())
        && part.until() == until.offset(part.partition())
        && part.maxPollRecords() == maxPollRecords;
  }

  private static LogOffsets at(LogId logId, int partition, long offset) {
    return new LogOffsets(logId, new TreeMap<>(Map.of(partition, offset)));
  }

  private Dataset<Row> read(
      SparkSession spark, LogOffsets from, LogOffsets until, int maxPollRecords) {
    DataFrameReader reader = spark.read().format("kafka");
    kafka
        .stringPropertyNames()
        .forEach(name -> reader.option("kafka." + name, kafka.getProperty(name)));
    return reader
        .option("kafka.isolation.level", "read_committed")
        .option("kafka.max.poll.records", maxPollRecords)
        .option("kafka.fetch.max.bytes", FetchSizes.fetchMaxBytes(Runtime.getRuntime().maxMemory()))
        .option("assign", json(Map.of(topic, until.byPartition().keySet())))
        .option("startingOffsets", json(Map.of(topic, from.byPartition())))
        .option("endingOffsets", json(Map.of(topic, until.byPartition())))
        .option("includeHeaders", "true")
        .option("failOnDataLoss", "true")
        .load();
  }

  private static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
