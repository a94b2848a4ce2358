package io.foldlog.speed.sink;

import io.foldlog.contract.DecodeRules;
import io.foldlog.log.KafkaClients;
import io.foldlog.log.LogId;
import java.io.Serializable;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.apache.spark.SparkConf;

/**
 * The settings of the tasks of one query. They contain secrets. So they are sent to the executors
 * in the serialised writer factory and not as options of the stream, which Spark shows and logs.
 *
 * @param query id of the query, unique in its JVM
 * @param topic name of the topic
 * @param logId the log that the query reads
 * @param deadLetterTopic the topic of rejected records
 * @param rules the decode rules
 * @param keyspace of the view
 * @param maxInFlight maximum number of unacknowledged writes of a JVM
 * @param maxRetryDuration how long one write is retried
 * @param kafka properties of Kafka's clients
 * @param connector properties of the Spark Cassandra connector, {@code spark.cassandra.…}
 */
public record SinkSettings(
    String query,
    String topic,
    LogId logId,
    String deadLetterTopic,
    DecodeRules rules,
    String keyspace,
    int maxInFlight,
    Duration maxRetryDuration,
    Map<String, String> kafka,
    Map<String, String> connector)
    implements Serializable {

  public SinkSettings {
    Objects.requireNonNull(query);
    Objects.requireNonNull(topic);
    Objects.requireNonNull(logId);
    Objects.requireNonNull(deadLetterTopic);
    Objects.requireNonNull(rules);
    Objects.requireNonNull(keyspace);
    Objects.requireNonNull(maxRetryDuration);
    kafka = Map.copyOf(kafka);
    connector = Map.copyOf(connector);
  }

  KafkaClients kafkaClients() {
    Properties properties = new Properties();
    properties.putAll(kafka);
    return KafkaClients.of(properties).within(maxRetryDuration);
  }

  /** The connector's configuration for this query, without the settings of the JVM's Spark. */
  public SparkConf connectorConf() {
    SparkConf conf = new SparkConf(false);
    connector.forEach(conf::set);
    return conf;
  }

  /** Without the properties, which hold secrets. */
  @Override
  public String toString() {
    return "sink of " + query;
  }
}
