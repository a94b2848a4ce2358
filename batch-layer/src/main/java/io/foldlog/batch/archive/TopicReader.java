package io.foldlog.batch.archive;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foldlog.log.LogOffsets;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Reads the committed records of a topic with Spark's Kafka source.
 *
 * @param topic the name of the topic
 * @param kafka the Kafka client properties
 */
record TopicReader(String topic, Properties kafka) {

  private static final ObjectMapper JSON = new ObjectMapper();

  TopicReader {
    Objects.requireNonNull(topic);
    Objects.requireNonNull(kafka);
  }

  /**
   * The records of the partitions of {@code until}, with the columns of Spark's Kafka source.
   *
   * @param from the first offset of each partition
   * @param until the offset after the last one of each partition
   */
  Dataset<Row> read(SparkSession spark, LogOffsets from, LogOffsets until) {
    DataFrameReader reader = spark.read().format("kafka");
    kafka
        .stringPropertyNames()
        .forEach(name -> reader.option("kafka." + name, kafka.getProperty(name)));
    return reader
        .option("kafka.isolation.level", "read_committed")
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
