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
 * Stops a query, so that another query can use its checkpoint. Other queries of the same
 * SparkContext continue.
 */
final class QueryStop {

  private static final Logger LOG = LoggerFactory.getLogger(QueryStop.class);

  /** How long the close of the source's Kafka client may take. */
  private static final Duration CLIENT_CLOSE_TIMEOUT = Duration.ofSeconds(1);

  private final SparkContext spark;
  private final StreamingQuery query;
  private final Duration timeout;

  /**
   * @param timeout how long the query may take to end after its jobs are cancelled and its source's
   *     client is closed
   */
  QueryStop(SparkContext spark, StreamingQuery query, Duration timeout) {
    this.spark = spark;
    this.query = query;
    this.timeout = timeout;
  }

  /**
   * Stops the query with Spark's own method. If that takes longer than {@code
   * spark.sql.streaming.stopTimeout}, cancels the query's jobs and closes the Kafka clients of its
   * sources.
   *
   * @return unavailable, if the query still runs after that
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
    return Optional.of(SpeedLayerErrors.queryDidNotEnd(timeout.toSeconds()));
  }

  private boolean hasEnded() {
    try {
      return query.awaitTermination(timeout.toMillis());
    } catch (StreamingQueryException failed) {
      return true;
    }
  }

  /**
   * Spark closes the client without a timeout. During an outage of Kafka this can take 20 minutes,
   * even if Kafka answers again: after its last request has timed out, the client blocks in its
   * selector. A second close with a timeout wakes it.
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
    // the field, because the accessor would open a client and wait for the other close
    if (reader instanceof KafkaOffsetReaderAdmin client && client._admin() != null) {
      client._admin().close(CLIENT_CLOSE_TIMEOUT);
    }
  }
}
