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
 * The section {@code kafka}: the log and how its brokers are reached.
 *
 * @param external whether somebody else runs the brokers
 * @param bootstrapServers host:port, separated by commas
 * @param topic the log
 * @param deadLetterTopic where rejected records go
 * @param partitions of the log, when it is created
 * @param replicationFactor of the log, when it is created
 * @param maxMessageBytes the largest record batch the log takes, in bytes
 * @param trustCreateTime whether records whose timestamp is the producer's are accepted
 * @param deliveryTimeout how long an event may take to be acknowledged
 * @param propertiesFile client properties of the user's own, as text; blank for none
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
      throw section.refuse("dead-letter-topic", LogErrors.DEAD_LETTER_TOPIC_RULE);
    }
    long maxMessageBytes = section.bytes("max-message-bytes");
    if (maxMessageBytes < 16 * 1024 || maxMessageBytes > 64 * 1024 * 1024) {
      throw section.refuse("max-message-bytes", LogErrors.MAX_MESSAGE_BYTES_RULE);
    }
    Duration deliveryTimeout = section.positiveDuration("delivery-timeout");
    if (deliveryTimeout.compareTo(Duration.ofSeconds(1)) < 0
        || deliveryTimeout.compareTo(Duration.ofDays(1)) > 0) {
      throw section.refuse("delivery-timeout", LogErrors.DELIVERY_TIMEOUT_RULE);
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

  /** What {@link #trustCreateTime} makes of a record whose timestamp is the producer's. */
  public CreateTime createTime() {
    return trustCreateTime ? CreateTime.TRUST : CreateTime.REJECT;
  }

  private static String topic(Settings.Section section, String key) {
    String topic = section.text(key);
    if (!topic.matches("[a-zA-Z0-9._-]{1,249}")) {
      throw section.refuse(key, LogErrors.TOPIC_RULE);
    }
    return topic;
  }

  /**
   * The properties every Kafka client starts from: the properties file's, then the brokers'
   * addresses. A new object each time, for the caller to add to.
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

  /** To the brokers, with the default limit of every request. */
  public KafkaClients connection() {
    return KafkaClients.of(clientProperties());
  }

  /**
   * To the brokers, as an application waits for them.
   *
   * @param timeout of every request, with its repetitions: {@code runtime.startup-timeout}
   * @param stop ends the waiting
   */
  public KafkaClients connection(Duration timeout, StopSignal stop) {
    return connection().within(timeout, stop::onRequest);
  }

  /** What provisioning makes of the log and of its dead letter topic. */
  public List<TopicSpecification> topics() {
    TopicSpecification log =
        TopicSpecification.log(topic, partitions, replicationFactor, maxMessageBytes);
    TopicSpecification trusted = trustCreateTime ? log.trustingCreateTime() : log;
    return List.of(trusted, trusted.deadLetters(deadLetterTopic));
  }

  /**
   * Checks that the layers will accept what is recorded in the log.
   *
   * @return the log
   * @throws PipelineException usage error, when its timestamps are the producers' and {@code
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
