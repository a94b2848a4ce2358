package io.foldlog.speed;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foldlog.log.FetchSizes;
import io.foldlog.log.SkippedOffsets.Part;
import io.foldlog.speed.sink.QueryContext;
import io.foldlog.speed.sink.SinkSettings;
import io.foldlog.speed.sink.UserViewSink;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.DataStreamReader;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.Trigger;

/**
 * The definition of the query: it passes the log's records unchanged to the sink, which decodes
 * them. Without further operators there is no shuffle.
 */
final class UserEventQuery {

  /** Short timeouts for one request; the watchdog handles longer outages. */
  private static final Map<String, String> CONSUMER_PROPERTIES =
      Map.of(
          "request.timeout.ms", "10000",
          "default.api.timeout.ms", "20000");

  private UserEventQuery() {}

  /**
   * Starts the query.
   *
   * @param startingOffsets the first offset of each partition
   * @param checkpoint a folder for Spark that does not exist yet
   * @param kafka properties of Kafka's clients, including {@code bootstrap.servers}
   */
  static StreamingQuery start(
      SparkSession spark,
      SpeedLayerSettings settings,
      SinkSettings sink,
      SortedMap<Integer, Long> startingOffsets,
      Path checkpoint,
      Properties kafka)
      throws TimeoutException {
    DataStreamReader reader =
        spark
            .readStream()
            .format("kafka")
            .options(sourceOptions(spark, kafka))
            .option("subscribe", sink.topic())
            .option("startingOffsets", json(sink.topic(), startingOffsets));
    if (settings.trigger() == TriggerMode.MICRO_BATCH) {
      reader.option("maxOffsetsPerTrigger", settings.maxOffsetsPerTrigger());
      reader.option("kafkaConsumer.pollTimeoutMs", settings.outageTimeout().toMillis());
    }
    return reader
        .load()
        .writeStream()
        .queryName(sink.query())
        .format(UserViewSink.class.getName())
        .option(QueryContext.OPTION, sink.query())
        .option("checkpointLocation", checkpoint.toUri().toString())
        .trigger(trigger(settings))
        .start();
  }

  /**
   * Reads a part of a partition with a batch job.
   *
   * @param kafka as for {@link #start}
   */
  static Dataset<Row> read(SparkSession spark, String topic, Part part, Properties kafka) {
    SortedMap<Integer, Long> from = new TreeMap<>(Map.of(part.partition(), part.from()));
    SortedMap<Integer, Long> until = new TreeMap<>(Map.of(part.partition(), part.until()));
    return spark
        .read()
        .format("kafka")
        .options(sourceOptions(spark, kafka))
        .option("kafka.max.poll.records", part.maxPollRecords())
        .option("assign", "{\"%s\":[%d]}".formatted(topic, part.partition()))
        .option("startingOffsets", json(topic, from))
        .option("endingOffsets", json(topic, until))
        .load();
  }

  private static Map<String, String> sourceOptions(SparkSession spark, Properties kafka) {
    Map<String, String> options = new HashMap<>();
    options.put("failOnDataLoss", "true");
    options.put("includeHeaders", "true");
    CONSUMER_PROPERTIES.forEach((name, value) -> options.put("kafka." + name, value));
    long heap = SparkSettings.executorHeap(spark);
    options.put("kafka.max.poll.records", Integer.toString(FetchSizes.maxPollRecords(heap)));
    options.put("kafka.fetch.max.bytes", Integer.toString(FetchSizes.fetchMaxBytes(heap)));
    kafka
        .stringPropertyNames()
        .forEach(name -> options.put("kafka." + name, kafka.getProperty(name)));
    options.put("kafka.isolation.level", "read_committed");
    return options;
  }

  private static String json(String topic, SortedMap<Integer, Long> offsets) {
    try {
      return new ObjectMapper().writeValueAsString(Map.of(topic, offsets));
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static Trigger trigger(SpeedLayerSettings settings) {
    return switch (settings.trigger()) {
      case CONTINUOUS ->
          Trigger.Continuous(settings.epochInterval().toMillis(), TimeUnit.MILLISECONDS);
      case MICRO_BATCH ->
          Trigger.ProcessingTime(settings.batchInterval().toMillis(), TimeUnit.MILLISECONDS);
    };
  }
}
