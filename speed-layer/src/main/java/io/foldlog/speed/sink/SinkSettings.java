package io.foldlog.speed.sink;

import io.foldlog.contract.EventDecoder;
import io.foldlog.log.LogConnection;
import java.io.Serializable;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * What the executors have to know; it travels as the options of the sink. Cassandra's address and
 * login are not in it: the connector reads them from Spark's settings.
 *
 * @param query names the query, for the driver to find its {@link CommitListener}
 * @param topic the log
 * @param topicId Kafka's id of it
 * @param deadLetterTopic where rejected records go
 * @param createTime what to do with records whose timestamp is the producer's
 * @param keyspace of the view
 * @param mostInFlight the bound of unacknowledged writes of a JVM
 * @param giveUpAfter how long one write is retried
 * @param kafka properties of Kafka's clients
 */
public record SinkSettings(
    String query,
    String topic,
    String topicId,
    String deadLetterTopic,
    EventDecoder.CreateTime createTime,
    String keyspace,
    int mostInFlight,
    Duration giveUpAfter,
    Map<String, String> kafka)
    implements Serializable {

  private static final String KAFKA_PREFIX = "kafka.";

  public SinkSettings {
    Objects.requireNonNull(query);
    Objects.requireNonNull(topic);
    Objects.requireNonNull(topicId);
    Objects.requireNonNull(deadLetterTopic);
    Objects.requireNonNull(createTime);
    Objects.requireNonNull(keyspace);
    Objects.requireNonNull(giveUpAfter);
    kafka = Map.copyOf(kafka);
  }

  /** As the options of a stream writer. */
  public Map<String, String> options() {
    Map<String, String> options = new HashMap<>();
    options.put("query", query);
    options.put("topic", topic);
    options.put("topic-id", topicId);
    options.put("dead-letter-topic", deadLetterTopic);
    options.put("create-time", createTime.name());
    options.put("keyspace", keyspace);
    options.put("most-in-flight", Integer.toString(mostInFlight));
    options.put("give-up-after", giveUpAfter.toString());
    kafka.forEach((name, value) -> options.put(KAFKA_PREFIX + name, value));
    return options;
  }

  /** What {@link #options} made. */
  static SinkSettings from(CaseInsensitiveStringMap options) {
    Map<String, String> kafka = new HashMap<>();
    options
        .asCaseSensitiveMap()
        .forEach(
            (name, value) -> {
              if (name.startsWith(KAFKA_PREFIX)) {
                kafka.put(name.substring(KAFKA_PREFIX.length()), value);
              }
            });
    return new SinkSettings(
        options.get("query"),
        options.get("topic"),
        options.get("topic-id"),
        options.get("dead-letter-topic"),
        EventDecoder.CreateTime.valueOf(options.get("create-time")),
        options.get("keyspace"),
        Integer.parseInt(options.get("most-in-flight")),
        Duration.parse(options.get("give-up-after")),
        kafka);
  }

  LogConnection logConnection() {
    Properties properties = new Properties();
    properties.putAll(kafka);
    return LogConnection.of(properties).within(giveUpAfter);
  }

  /** Without Kafka's properties, which may hold a secret. */
  @Override
  public String toString() {
    return "sink of " + query;
  }
}
