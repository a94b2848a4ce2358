package io.foldlog.speed;

import io.foldlog.contract.PipelineException;
import io.foldlog.speed.errors.SpeedLayerErrors;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.execution.streaming.StreamingQueryWrapper;
import org.apache.spark.sql.kafka010.KafkaContinuousStream;
import org.apache.spark.sql.kafka010.KafkaMicroBatchStream;
import org.apache.spark.sql.kafka010.KafkaOffsetReader;
import org.apache.spark.sql.kafka010.KafkaOffsetReaderAdmin;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.StreamingQueryException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.collection.JavaConverters;

/**
 * Stops a query so that its checkpoint is free for another one. Other queries of the same Spark go
 * on.
 */
final class QueryStop {

  private static final Logger LOG = LoggerFactory.getLogger(QueryStop.class);

  /** For a client whose requests need no answer any more. */
  private static final Duration CLIENT_LIMIT = Duration.ofSeconds(1);

  private final SparkContext spark;
  private final StreamingQuery query;
  private final Duration limit;

  /**
   * @param limit how long the query may take to end once its jobs are cancelled and its source's
   *     client is closed
   */
  QueryStop(SparkContext spark, StreamingQuery query, Duration limit) {
    this.spark = spark;
    this.query = query;
    this.limit = limit;
  }

  /**
   * Stops the query as Spark does. Where that takes longer than {@code
   * spark.sql.streaming.stopTimeout}, cancels the query's jobs and closes what its source waits
   * with.
   *
   * @return unavailable, when the query runs even then
   */
  Optional<PipelineException> stop() {
    try {
      query.stop();
      return Optional.empty();
    } catch (TimeoutException slow) {
      LOG.warn(
          "event=stop_slow query={} action=\"cancels its jobs and closes its Kafka client; what was not committed is read again\"",
          query.name());
    }
    spark.cancelJobGroup(query.runId().toString());
    closeSources();
    if (hasEnded()) {
      return Optional.empty();
    }
    return Optional.of(SpeedLayerErrors.queryDidNotEnd(limit.toSeconds()));
  }

  private boolean hasEnded() {
    try {
      return query.awaitTermination(limit.toMillis());
    } catch (StreamingQueryException failed) {
      return true;
    }
  }

  /**
   * Spark closes the client without a limit. While Kafka is away that can take the client 20
   * minutes, even when Kafka comes back: once its last request has timed out, it sleeps in its
   * selector. Closing it a second time, with a limit, wakes it.
   */
  private void closeSources() {
    JavaConverters.asJavaCollection(
            ((StreamingQueryWrapper) query).streamingQuery().uniqueSources().keys())
        .forEach(
            source -> {
              if (source instanceof KafkaContinuousStream stream) {
                close(stream.offsetReader());
              } else if (source instanceof KafkaMicroBatchStream stream) {
                close(stream.kafkaOffsetReader());
              }
            });
  }

  private static void close(KafkaOffsetReader reader) {
    // the field, not the accessor that opens a client and waits for who closes it
    if (reader instanceof KafkaOffsetReaderAdmin client && client._admin() != null) {
      client._admin().close(CLIENT_LIMIT);
    }
  }
}
