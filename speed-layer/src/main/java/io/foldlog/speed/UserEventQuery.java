package io.foldlog.speed;

import io.foldlog.speed.sink.QueryContext;
import io.foldlog.speed.sink.SinkSettings;
import io.foldlog.speed.sink.UserViewSink;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.DataStreamReader;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.Trigger;

/**
 * The pipeline's definition: the log's records as they are, into the view. Nothing is between the
 * two, so nothing is shuffled; the sink decodes.
 */
final class UserEventQuery {

  /** Kafka's patience for one request; a longer outage is the watchdog's business. */
  private static final Map<String, String> CONSUMER =
      Map.of(
          "isolation.level", "read_uncommitted",
          "request.timeout.ms", "10000",
          "default.api.timeout.ms", "20000",
          "max.poll.records", "2000");

  private UserEventQuery() {}

  /**
   * Starts the query.
   *
   * @param kafka properties of Kafka's clients, {@code bootstrap.servers} among them
   */
  static StreamingQuery start(
      SparkSession spark, SpeedLayerSettings settings, SinkSettings sink, Properties kafka)
      throws TimeoutException {
    DataStreamReader reader =
        spark
            .readStream()
            .format("kafka")
            .option("subscribe", sink.topic())
            .option("startingOffsets", "earliest")
            .option("failOnDataLoss", true)
            .option("includeHeaders", true);
    CONSUMER.forEach((name, value) -> reader.option("kafka." + name, value));
    kafka
        .stringPropertyNames()
        .forEach(name -> reader.option("kafka." + name, kafka.getProperty(name)));
    reader.option("kafka.isolation.level", "read_uncommitted");
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
        .option("checkpointLocation", settings.checkpoint().toUri().toString())
        .trigger(trigger(settings))
        .start();
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
