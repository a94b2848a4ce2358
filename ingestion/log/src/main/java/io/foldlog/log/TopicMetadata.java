package io.foldlog.log;

import io.foldlog.contract.TimestampSource;
import java.util.Objects;

/**
 * The identity of a topic and the settings that its readers need.
 *
 * @param topic the name of the topic
 * @param topicId Kafka's topic id as text; it changes when the topic is created again
 * @param partitions number of partitions
 * @param timestampSource the clock that sets the timestamps of its records
 * @param maxMessageBytes the maximum size of a compressed record batch, in bytes
 */
public record TopicMetadata(
    String topic,
    String topicId,
    int partitions,
    TimestampSource timestampSource,
    int maxMessageBytes) {

  public TopicMetadata {
    Objects.requireNonNull(topic);
    Objects.requireNonNull(topicId);
    Objects.requireNonNull(timestampSource);
  }
}
