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
 * A topic as a log: every record in it, by (topic id, partition, offset), committed or not.
 *
 * <p>Every method asks the brokers, again and again until the connection's limit where that can
 * help, and throws a {@link PipelineException}: refused for a missing topic or right, unavailable
 * when no answer came within that limit. A stop ends it as {@link KafkaClients#within(Duration,
 * Consumer)} says.
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

  /** Opens the topic; no broker is asked yet, and no property of the connection looked at. */
  public static EventTopic open(KafkaClients connection, String topic) {
    return new EventTopic(connection, topic);
  }

  /** The topic's name. */
  public String topic() {
    return topic;
  }

  /**
   * Which topic the name stands for now.
   *
   * @throws PipelineException usage error, too, when Kafka is to compact it
   */
  public TopicMetadata identity() {
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

  /** Of every partition the offset that the next record will have. */
  public LogOffsets endOffsets() {
    return end().offsets();
  }

  /** Where the log ends now. */
  public EndOffsets end() {
    return places("reading the end offsets of topic " + topic, OffsetSpec.latest());
  }

  /** Of every partition the first offset that is still there: 0 of a complete log. */
  public LogOffsets beginningOffsets() {
    return places("reading the beginning offsets of topic " + topic, OffsetSpec.earliest())
        .offsets();
  }

  private EndOffsets places(String doing, OffsetSpec place) {
    TopicDescription before = description(doing);
    Map<TopicPartition, OffsetSpec> asked =
        before.partitions().stream()
            .collect(
                Collectors.toMap(
                    partition -> new TopicPartition(topic, partition.partition()),
                    partition -> place));
    ListOffsetsOptions options = new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED);
    SortedMap<Integer, Long> offsets = new TreeMap<>();
    SortedMap<Integer, Integer> leaderEpochs = new TreeMap<>();
    call(doing, admin -> admin.listOffsets(asked, options).all())
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
   * Hands every record from some offsets up to others to the receiver, in order within each
   * partition.
   *
   * @param from the first record of each partition; partitions it does not name begin at 0
   * @param end the record after the last; only the partitions that it names are read
   * @return how many records were read
   * @throws PipelineException state mismatch, when the topic is not the one of the offsets, or a
   *     record between them is gone; unavailable, when no record came within the connection's limit
   */
  public long read(LogOffsets from, LogOffsets end, Consumer<LogRecord> receiver) {
    requireTopic(from.topicId());
    requireTopic(end.topicId());
    requireHeld(from, end);
    long read = new LogReader(connection, topic, from, end, receiver).run();
    requireTopic(end.topicId());
    return read;
  }

  /** As {@link #read} from the beginning, which has to be offset 0 of every partition. */
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
