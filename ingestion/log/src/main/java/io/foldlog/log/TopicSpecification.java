package io.foldlog.log;

import io.foldlog.contract.TimestampSource;
import java.util.Collections;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.common.config.TopicConfig;

/**
 * What a topic of the log has to be: kept for ever, never compacted, timestamps by the broker's
 * clock, zstd.
 *
 * @param topic its name
 * @param partitions how many it has
 * @param replicationFactor copies of each partition; from 3 on, two of them must be in sync
 * @param maxMessageBytes the largest batch of records that it accepts, in bytes, compressed
 * @param required whose clock its timestamps have to be: an existing topic of {@code CREATE_TIME}
 *     passes only where that is required; a new topic always has the broker's
 */
public record TopicSpecification(
    String topic,
    int partitions,
    int replicationFactor,
    int maxMessageBytes,
    TimestampSource required) {

  /** How much larger a dead letter may be than the record that it keeps: room for its headers. */
  public static final int DEAD_LETTER_ROOM_BYTES = 64 * 1024;

  public TopicSpecification {
    Objects.requireNonNull(topic);
    Objects.requireNonNull(required);
    if (partitions < 1 || replicationFactor < 1 || maxMessageBytes < 1) {
      throw new IllegalArgumentException("Not positive: " + topic);
    }
  }

  /** The log, by the broker's clock. */
  public static TopicSpecification log(
      String topic, int partitions, int replicationFactor, int maxMessageBytes) {
    return new TopicSpecification(
        topic, partitions, replicationFactor, maxMessageBytes, TimestampSource.LOG_APPEND_TIME);
  }

  /** An old log whose producers' clocks somebody vouches for ({@code kafka.trust-create-time}). */
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

  /** The settings that a new topic is given, and that an existing one is compared with. */
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
