package io.foldlog.log;

import io.foldlog.contract.TimestampSource;
import java.util.Collections;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.common.config.TopicConfig;

/**
 * The required settings of a topic of the log: unlimited retention, no compaction, timestamps of
 * the broker, zstd compression.
 *
 * @param topic the name of the topic
 * @param partitions number of partitions
 * @param replicationFactor replicas of each partition; with 3 or more, two of them must be in sync
 * @param maxMessageBytes the maximum size of a compressed record batch, in bytes
 * @param required the required clock of timestamps. An existing topic with {@code CREATE_TIME} is
 *     accepted only if this is {@code CREATE_TIME}. A new topic always uses the broker's clock.
 */
public record TopicSpecification(
    String topic,
    int partitions,
    int replicationFactor,
    int maxMessageBytes,
    TimestampSource required) {

  /** How much larger a dead letter may be than its record, because of its headers. */
  public static final int DEAD_LETTER_ROOM_BYTES = 64 * 1024;

  public TopicSpecification {
    Objects.requireNonNull(topic);
    Objects.requireNonNull(required);
    if (partitions < 1 || replicationFactor < 1 || maxMessageBytes < 1) {
      throw new IllegalArgumentException("Not positive: " + topic);
    }
  }

  /** The log, with timestamps of the broker. */
  public static TopicSpecification log(
      String topic, int partitions, int replicationFactor, int maxMessageBytes) {
    return new TopicSpecification(
        topic, partitions, replicationFactor, maxMessageBytes, TimestampSource.LOG_APPEND_TIME);
  }

  /** An old log whose producers' clocks the operator trusts ({@code kafka.trust-create-time}). */
  public TopicSpecification trustingCreateTime() {
    return new TopicSpecification(
        topic, partitions, replicationFactor, maxMessageBytes, TimestampSource.CREATE_TIME);
  }

  /** The topic of this log's dead letters. */
  public TopicSpecification deadLetters(String deadLetterTopic) {
    return log(
        deadLetterTopic,
        partitions,
        replicationFactor,
        Math.addExact(maxMessageBytes, DEAD_LETTER_ROOM_BYTES));
  }

  /** The settings of a new topic. An existing topic is compared with them. */
  public SortedMap<String, String> configuration() {
    SortedMap<String, String> configuration = new TreeMap<>();
    configuration.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE);
    configuration.put(TopicConfig.RETENTION_MS_CONFIG, "-1");
    configuration.put(TopicConfig.RETENTION_BYTES_CONFIG, "-1");
    configuration.put(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime");
    configuration.put(TopicConfig.COMPRESSION_TYPE_CONFIG, "zstd");
    configuration.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(maxMessageBytes));
    if (replicationFactor >= 3) {
      configuration.put(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, "2");
    }
    return Collections.unmodifiableSortedMap(configuration);
  }
}
