package io.foldlog.log;

import io.foldlog.contract.EventDecoder.CreateTime;
import io.foldlog.contract.PipelineException;
import io.foldlog.contract.TimestampSource;
import io.foldlog.runtime.Settings;
import io.foldlog.runtime.StopSignal;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;

/**
 * The section {@code kafka}: the log and the connection to its brokers.
 *
 * @param external whether the brokers are external servers
 * @param bootstrapServers host:port, separated by commas
 * @param topic the topic of the log
 * @param deadLetterTopic the topic of rejected records
 * @param partitions number of partitions of a new topic
 * @param replicationFactor replication factor of a new topic
 * @param maxMessageBytes the maximum size of a record batch, in bytes
 * @param trustCreateTime whether records whose timestamp is the producer's are accepted
 * @param deliveryTimeout how long an event may take to be acknowledged
 * @param propertiesFile path of a file with further client properties; empty if there is none
 */
public record KafkaSettings(
    boolean external,
    String bootstrapServers,
    String topic,
    String deadLetterTopic,
    int partitions,
    int replicationFactor,
    int maxMessageBytes,
    boolean trustCreateTime,
    Duration deliveryTimeout,
    String propertiesFile) {

  public KafkaSettings {
    Objects.requireNonNull(bootstrapServers);
    Objects.requireNonNull(topic);
    Objects.requireNonNull(deadLetterTopic);
    Objects.requireNonNull(deliveryTimeout);
    Objects.requireNonNull(propertiesFile);
  }

  /** Maps the section. */
  public static KafkaSettings from(Settings settings) {
    Settings.Section section = settings.section("kafka");
    String topic = topic(section, "topic");
    String deadLetterTopic = topic(section, "dead-letter-topic");
    if (topic.equals(deadLetterTopic)) {
      throw section.reject("dead-letter-topic", LogErrors.DEAD_LETTER_TOPIC_RULE);
    }
    long maxMessageBytes = section.bytes("max-message-bytes");
    if (maxMessageBytes < 16 * 1024 || maxMessageBytes > 64 * 1024 * 1024) {
      throw section.reject("max-message-bytes", LogErrors.MAX_MESSAGE_BYTES_RULE);
    }
    Duration deliveryTimeout = section.positiveDuration("delivery-timeout");
    if (deliveryTimeout.compareTo(Duration.ofSeconds(1)) < 0
        || deliveryTimeout.compareTo(Duration.ofDays(1)) > 0) {
      throw section.reject("delivery-timeout", LogErrors.DELIVERY_TIMEOUT_RULE);
    }
    return new KafkaSettings(
        section.flag("external"),
        section.text("bootstrap-servers"),
        topic,
        deadLetterTopic,
        section.integer("partitions", 1, 10_000),
        section.integer("replication-factor", 1, 100),
        (int) maxMessageBytes,
        section.flag("trust-create-time"),
        deliveryTimeout,
        section.optionalText("properties-file").orElse(""));
  }

  /** The treatment of records whose timestamp is the producer's, by {@link #trustCreateTime}. */
  public CreateTime createTime() {
    return trustCreateTime ? CreateTime.TRUST : CreateTime.REJECT;
  }

  private static String topic(Settings.Section section, String key) {
    String topic = section.text(key);
    if (!topic.matches("[a-zA-Z0-9._-]{1,249}")) {
      throw section.reject(key, LogErrors.TOPIC_RULE);
    }
    return topic;
  }

  /**
   * The properties of all Kafka clients: those of the properties file and the addresses of the
   * brokers. Returns a new object, which the caller may modify.
   *
   * @throws PipelineException usage error, when the properties file cannot be read
   */
  public Properties clientProperties() {
    Properties properties = new Properties();
    Optional.of(propertiesFile)
        .filter(file -> !file.isEmpty())
        .ifPresent(file -> load(Path.of(file), properties));
    properties.setProperty("bootstrap.servers", bootstrapServers);
    return properties;
  }

  /** Clients with the default limit for each request. */
  public KafkaClients clients() {
    return KafkaClients.of(clientProperties());
  }

  /**
   * Clients for an application that waits for the brokers.
   *
   * @param timeout the limit of each request with its repetitions: {@code runtime.startup-timeout}
   * @param stop ends the wait
   */
  public KafkaClients connection(Duration timeout, StopSignal stop) {
    return clients().within(timeout, stop::onRequest);
  }

  /** The specifications of the log and its dead letter topic, for provisioning. */
  public List<TopicSpecification> topics() {
    TopicSpecification log =
        TopicSpecification.log(topic, partitions, replicationFactor, maxMessageBytes);
    TopicSpecification trusted = trustCreateTime ? log.trustingCreateTime() : log;
    return List.of(trusted, trusted.deadLetters(deadLetterTopic));
  }

  /**
   * Checks that the layers will accept the timestamps of the log.
   *
   * @return the given metadata
   * @throws PipelineException usage error, when the timestamps are the producers' and {@code
   *     kafka.trust-create-time} is not set
   */
  public TopicMetadata requireAcceptedClock(TopicMetadata log) {
    if (log.timestampSource() == TimestampSource.CREATE_TIME && !trustCreateTime) {
      throw LogErrors.topicHasCreateTime(log.topic());
    }
    return log;
  }

  private static void load(Path file, Properties into) {
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      into.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw LogErrors.propertiesFileIsUnreadable(file, e);
    }
  }
}
