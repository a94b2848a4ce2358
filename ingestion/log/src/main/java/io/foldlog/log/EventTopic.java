package io.foldlog.log;

import io.foldlog.contract.PipelineException;
import io.foldlog.contract.TimestampSource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * A Kafka topic as a log. A record is identified by topic id, partition and offset. Reads
 * uncommitted records.
 *
 * <p>Every method sends requests to the brokers and repeats them after transient errors until the
 * connection's limit. It throws a {@link PipelineException}: usage error for a missing topic or
 * right, unavailable when the brokers do not answer within the limit. {@link
 * KafkaClients#within(Duration, Consumer)} describes the effect of a stop.
 */
public final class EventTopic implements AutoCloseable {

  private final KafkaClients connection;
  private final String topic;
  private final AdminCalls calls;

  private EventTopic(KafkaClients connection, String topic) {
    this.connection = connection;
    this.topic = topic;
    this.calls = new AdminCalls(connection);
  }

  /** Opens the topic. Sends no request and does not check the connection's properties yet. */
  public static EventTopic open(KafkaClients connection, String topic) {
    return new EventTopic(connection, topic);
  }

  /** The topic's name. */
  public String topic() {
    return topic;
  }

  /**
   * The metadata of the topic that has this name now.
   *
   * @throws PipelineException usage error, also when the topic is compacted
   */
  public TopicMetadata metadata() {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    TopicDescription description = description("looking for topic " + topic);
    Config settings =
        call(
            "reading the settings of topic " + topic,
            admin -> admin.describeConfigs(List.of(resource)).values().get(resource));
    requireNotCompacted(connection, topic, settings);
    return new TopicMetadata(
        topic,
        description.topicId().toString(),
        description.partitions().size(),
        settings.get(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG).value().equals("LogAppendTime")
            ? TimestampSource.LOG_APPEND_TIME
            : TimestampSource.CREATE_TIME,
        Integer.parseInt(settings.get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG).value()));
  }

  static void requireNotCompacted(KafkaClients connection, String topic, Config settings) {
    String cleanup = settings.get(TopicConfig.CLEANUP_POLICY_CONFIG).value();
    if (cleanup.contains(TopicConfig.CLEANUP_POLICY_COMPACT)) {
      throw LogErrors.topicIsCompacted(connection.bootstrapServers(), topic, cleanup);
    }
  }

  /** For each partition, the offset that the next record will have. */
  public LogOffsets endOffsets() {
    return end().offsets();
  }

  /** The current end offsets and leader epochs. */
  public EndOffsets end() {
    return offsets("reading the end offsets of topic " + topic, OffsetSpec.latest());
  }

  /**
   * For each partition, the first offset that the topic still holds. It is 0 if no record was
   * deleted.
   */
  public LogOffsets beginningOffsets() {
    return offsets("reading the beginning offsets of topic " + topic, OffsetSpec.earliest())
        .offsets();
  }

  private EndOffsets offsets(String doing, OffsetSpec spec) {
    TopicDescription before = description(doing);
    Map<TopicPartition, OffsetSpec> specs =
        before.partitions().stream()
            .collect(
                Collectors.toMap(
                    partition -> new TopicPartition(topic, partition.partition()),
                    partition -> spec));
    ListOffsetsOptions options = new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED);
    SortedMap<Integer, Long> offsets = new TreeMap<>();
    SortedMap<Integer, Integer> leaderEpochs = new TreeMap<>();
    call(doing, admin -> admin.listOffsets(specs, options).all())
        .forEach(
            (partition, found) -> {
              offsets.put(partition.partition(), found.offset());
              found
                  .leaderEpoch()
                  .ifPresent(epoch -> leaderEpochs.put(partition.partition(), epoch));
            });
    TopicDescription after = description(doing);
    if (!before.topicId().equals(after.topicId())) {
      throw LogErrors.topicWasRecreated(
          topic, before.topicId().toString(), after.topicId().toString());
    }
    return new EndOffsets(new LogOffsets(before.topicId().toString(), offsets), leaderEpochs);
  }

  private TopicDescription description(String doing) {
    return call(doing, admin -> admin.describeTopics(List.of(topic)).topicNameValues().get(topic));
  }

  /**
   * Passes every record of the range of offsets to the receiver, in order within each partition.
   *
   * @param from the first offset of each partition; a partition that it does not name starts at 0
   * @param end the offset after the last record of each partition; only these partitions are read
   * @return the number of records that were read
   * @throws PipelineException state mismatch, when the topic id differs from that of the offsets,
   *     or the topic no longer holds a record of the range; unavailable, when no record arrives
   *     within the connection's limit
   */
  public long read(LogOffsets from, LogOffsets end, Consumer<LogRecord> receiver) {
    requireTopic(from.topicId());
    requireTopic(end.topicId());
    requireHeld(from, end);
    long read = new LogReader(connection, topic, from, end, receiver).run();
    requireTopic(end.topicId());
    return read;
  }

  /** As {@link #read}, from offset 0 of every partition. */
  public long readAll(LogOffsets end, Consumer<LogRecord> receiver) {
    return read(new LogOffsets(end.topicId(), new TreeMap<>()), end, receiver);
  }

  private void requireTopic(String topicId) {
    String found = description("looking for topic " + topic).topicId().toString();
    if (!found.equals(topicId)) {
      throw LogErrors.topicWasRecreated(topic, topicId, found);
    }
  }

  private void requireHeld(LogOffsets from, LogOffsets end) {
    LogOffsets first = beginningOffsets();
    LogOffsets last = endOffsets();
    end.byPartition()
        .forEach(
            (partition, until) -> {
              long start = from.offset(partition);
              if (start < until && first.offset(partition) > start) {
                throw LogErrors.recordsAreGone(topic, partition, start, first.offset(partition));
              }
              if (until > last.offset(partition)) {
                throw LogErrors.recordsAreGone(topic, partition, last.offset(partition), until);
              }
            });
  }

  private <T> T call(String doing, Function<Admin, KafkaFuture<T>> call) {
    try {
      return calls.call(doing, call);
    } catch (PipelineException failure) {
      if (failure.getCause() instanceof UnknownTopicOrPartitionException) {
        throw LogErrors.topicIsMissing(connection.bootstrapServers(), topic, failure.getCause());
      }
      throw failure;
    }
  }

  @Override
  public void close() {
    calls.close();
  }
}
