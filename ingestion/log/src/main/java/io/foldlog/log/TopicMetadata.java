package io.foldlog.log;

import io.foldlog.contract.TimestampSource;
import java.util.Objects;

/**
 * Which topic it is, and what matters of it to those who read it.
 *
 * @param topic its name
 * @param topicId Kafka's id of it, as text: another one once the topic was created again
 * @param partitions how many it has
 * @param timestampSource whose clock its records' timestamps are
 * @param maxMessageBytes the largest batch of records that it accepts, in bytes, compressed
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
