package io.foldlog.log;

import io.foldlog.contract.PipelineException;
import io.foldlog.contract.SkippedRecord;
import io.foldlog.contract.TimestampSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * A Kafka topic as a log. A record is identified by log id, partition and offset. Only committed
 * records are read: transaction markers and aborted records occupy offsets, and are not records.
 *
 * <p>Every method sends requests to the brokers and repeats them after transient errors until the
 * connection's limit. It throws a {@link PipelineException}: usage error for a missing topic or
 * right, unavailable when the brokers do not answer within the limit. {@link
 * KafkaClients#within(Duration, Consumer)} describes the effect of a stop.
 */
public final class EventTopic implements AutoCloseable {

  /** Offsets that {@link #lastRecords} reads first. Most often the last one holds a record. */
  private static final long FIRST_WINDOW = 16;

  private static final long WINDOW_GROWTH = 16;

  private final KafkaClients connection;
  private final String topic;
  private final AdminCalls calls;
  private volatile SkippedOffsets skipped = SkippedOffsets.NONE;

  private EventTopic(KafkaClients connection, String topic) {
    this.connection = connection;
    this.topic = topic;
    this.calls = new AdminCalls(connection);
  }

  /** Opens the topic. Sends no request and does not check the connection's properties yet. */
  public static EventTopic open(KafkaClients connection, String topic) {
    return new EventTopic(connection, topic);
  }

  /**
   * Lets later reads pass over records that an operator skipped. A record whose offset holds
   * another record since is not passed over: its leader epoch ends before the offset.
   *
   * @param records the skipped records of the topic id of {@code end}
   * @param end the current end of the topic
   */
  public void passOver(List<SkippedRecord> records, EndOffsets end) {
    SkippedOffsets offsets = SkippedOffsets.NONE;
    for (SkippedRecord record : held(records, end)) {
      offsets = offsets.with(record.partition(), record.offset());
    }
    skipped = offsets;
  }

  /** The offsets that reads pass over. */
  public SkippedOffsets skipped() {
    return skipped;
  }

  private List<SkippedRecord> held(List<SkippedRecord> records, EndOffsets end) {
    Map<Integer, Map<OptionalInt, List<SkippedRecord>>> byEpoch =
        records.stream()
            .collect(
                Collectors.groupingBy(
                    SkippedRecord::partition, Collectors.groupingBy(SkippedRecord::leaderEpoch)));
    List<SkippedRecord> held = new ArrayList<>();
    LogOffsets beginning = records.isEmpty() ? end.offsets() : beginningOffsets();
    byEpoch.forEach(
        (partition, epochs) ->
            epochs.forEach(
                (epoch, skippedInEpoch) -> {
                  long next =
                      1 + skippedInEpoch.stream().mapToLong(SkippedRecord::offset).max().orElse(-1);
                  LogPosition position =
                      LogPosition.none(end.offsets().logId())
                          .with(
                              partition,
                              new PartitionPosition(
                                  next, epoch.isPresent() ? epoch.getAsInt() : null, null));
                  long heldUntil =
                      losses(position, beginning, end).stream()
                          .filter(loss -> loss.type() == LogLoss.Type.READ_RECORDS_GONE)
                          .mapToLong(LogLoss::from)
                          .findFirst()
                          .orElse(next);
                  skippedInEpoch.stream()
                      .filter(record -> record.offset() < heldUntil)
                      .forEach(held::add);
                }));
    return held;
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
    TopicDescription description = description("looking for topic " + topic);
    Config settings = settings();
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

  /** For each partition, the last stable offset: the end of the committed records. */
  public LogOffsets endOffsets() {
    return end().offsets();
  }

  /**
   * The current end offsets and leader epochs.
   *
   * @throws PipelineException usage error, also when the topic is compacted
   */
  public EndOffsets end() {
    String doing = "reading the end offsets of topic " + topic;
    TopicDescription before = description(doing);
    requireNotCompacted(connection, topic, settings());
    // the last stable offsets first, so that they are not above the high watermarks
    Map<TopicPartition, ListOffsetsResultInfo> stable =
        offsets(doing, before, OffsetSpec.latest(), IsolationLevel.READ_COMMITTED);
    Map<TopicPartition, ListOffsetsResultInfo> all =
        offsets(doing, before, OffsetSpec.latest(), IsolationLevel.READ_UNCOMMITTED);
    requireSameTopic(before, description(doing));
    SortedMap<Integer, Integer> leaderEpochs = new TreeMap<>();
    all.forEach(
        (partition, found) ->
            found.leaderEpoch().ifPresent(epoch -> leaderEpochs.put(partition.partition(), epoch)));
    return new EndOffsets(logOffsets(before, stable), logOffsets(before, all), leaderEpochs);
  }

  /**
   * For each partition, the first offset that the topic still holds. It is 0 if no record was
   * deleted.
   */
  public LogOffsets beginningOffsets() {
    String doing = "reading the beginning offsets of topic " + topic;
    TopicDescription before = description(doing);
    Map<TopicPartition, ListOffsetsResultInfo> found =
        offsets(doing, before, OffsetSpec.earliest(), IsolationLevel.READ_UNCOMMITTED);
    requireSameTopic(before, description(doing));
    return logOffsets(before, found);
  }

  private Map<TopicPartition, ListOffsetsResultInfo> offsets(
      String doing, TopicDescription description, OffsetSpec spec, IsolationLevel isolation) {
    Map<TopicPartition, OffsetSpec> specs =
        description.partitions().stream()
            .collect(
                Collectors.toMap(
                    partition -> new TopicPartition(topic, partition.partition()),
                    partition -> spec));
    ListOffsetsOptions options = new ListOffsetsOptions(isolation);
    return call(doing, admin -> admin.listOffsets(specs, options).all());
  }

  private static LogOffsets logOffsets(
      TopicDescription description, Map<TopicPartition, ListOffsetsResultInfo> found) {
    SortedMap<Integer, Long> offsets = new TreeMap<>();
    found.forEach((partition, offset) -> offsets.put(partition.partition(), offset.offset()));
    return new LogOffsets(LogId.of(description.topicId().toString()), offsets);
  }

  private void requireSameTopic(TopicDescription before, TopicDescription after) {
    if (!before.topicId().equals(after.topicId())) {
      throw LogErrors.topicWasRecreated(
          topic, before.topicId().toString(), after.topicId().toString());
    }
  }

  private Config settings() {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    return call(
        "reading the settings of topic " + topic,
        admin -> admin.describeConfigs(List.of(resource)).values().get(resource));
  }

  /**
   * The records that are held back by an open transaction. Sends requests only if there are some.
   *
   * @param end the current end of the topic
   * @param now the current time, for the age of transactions
   */
  public HeldBackRecords heldBack(EndOffsets end, Instant now) {
    return end.heldBack() == 0
        ? HeldBackRecords.NONE
        : new OpenTransactions(connection, calls, topic).find(end, now);
  }

  /**
   * What the log has lost since the position was stored; at most one loss for each partition, empty
   * if it holds what was read.
   *
   * @param beginning the current beginning of the topic
   * @param end the current end of the topic
   * @throws PipelineException state mismatch, when the topic id differs from that of the position
   */
  public List<LogLoss> losses(LogPosition position, LogOffsets beginning, EndOffsets end) {
    requireTopic(position.logId().topicId());
    return new LogIntegrity(connection, topic, beginning, end).losses(position);
  }

  /**
   * Moves offsets past those without a record. Reads up to the first record of each partition.
   *
   * @return for each partition, the offset of the first record from the given offset on, or the end
   *     if there is none before it
   */
  public LogOffsets nextRecords(LogOffsets from, LogOffsets end) {
    requireTopic(end.topicId());
    LogReader reader = new LogReader(connection, topic, from, end, skipped, record -> false);
    reader.run();
    return reader.reached();
  }

  private TopicDescription description(String doing) {
    return call(doing, admin -> admin.describeTopics(List.of(topic)).topicNameValues().get(topic));
  }

  /**
   * Passes every committed record of the range of offsets to the receiver, in order within each
   * partition.
   *
   * @param from the first offset of each partition; a partition that it does not name starts at 0
   * @param end the offset after the last one of each partition, at most the last stable offset;
   *     only these partitions are read
   * @return the number of records that were read
   * @throws PipelineException state mismatch, when the topic id differs from that of the offsets,
   *     the topic no longer begins or ends with the range, or it is compacted; unavailable, when no
   *     record arrives within the connection's limit
   */
  public long read(LogOffsets from, LogOffsets end, Consumer<LogRecord> receiver) {
    requireTopic(from.topicId());
    requireTopic(end.topicId());
    requireHeld(from, end);
    long read =
        new LogReader(
                connection,
                topic,
                from,
                end,
                skipped,
                record -> {
                  receiver.accept(record);
                  return true;
                })
            .run();
    requireTopic(end.topicId());
    return read;
  }

  /**
   * Looks for a record that takes a large part of the heap, by reading records one by one.
   *
   * @param from the first offset of each partition
   * @param end as for {@link #read}
   * @param maxBytes the size of key, value and headers that is not large yet
   * @return the first record that is larger, or that does not fit into this JVM's heap
   */
  public Optional<RecordId> findLargeRecord(LogOffsets from, LogOffsets end, long maxBytes) {
    for (int partition : end.byPartition().keySet()) {
      LogOffsets until =
          new LogOffsets(end.logId(), new TreeMap<>(Map.of(partition, end.offset(partition))));
      LogReader reader =
          new LogReader(
              connection, topic, from, until, skipped, record -> record.bytes() <= maxBytes);
      long found = reader.runOneByOne(partition);
      if (found < end.offset(partition)) {
        return Optional.of(new RecordId(end.logId(), partition, found));
      }
    }
    return Optional.empty();
  }

  /**
   * Reads the committed records of one batch, all at once.
   *
   * @return the records from the offset on to the end of its batch; empty if the log holds no
   *     committed record with that offset
   * @throws OutOfMemoryError when the heap is too small for the batch
   */
  public List<LogRecord> readBatch(int partition, long offset) {
    LogOffsets end = endOffsets();
    if (offset >= end.offset(partition) || offset < beginningOffsets().offset(partition)) {
      return List.of();
    }
    return new BatchReader(connection, topic, end.logId()).read(partition, offset);
  }

  /**
   * The last committed record of each partition within a range of offsets. Reads backwards from the
   * end, so the cost does not depend on the size of the range.
   *
   * @return by partition; without a partition whose range holds no record
   * @throws PipelineException as {@link #read}
   */
  public SortedMap<Integer, LogRecord> lastRecords(LogOffsets from, LogOffsets end) {
    SortedMap<Integer, LogRecord> last = new TreeMap<>();
    LogOffsets until = end;
    for (long window = FIRST_WINDOW; from.offsetsUntil(until) > 0; window *= WINDOW_GROWTH) {
      SortedMap<Integer, Long> starts = new TreeMap<>();
      for (Map.Entry<Integer, Long> partition : until.byPartition().entrySet()) {
        starts.put(
            partition.getKey(),
            Math.max(from.offset(partition.getKey()), partition.getValue() - window));
      }
      read(
          new LogOffsets(end.logId(), starts),
          until,
          record -> last.put(record.partition(), record));
      starts.keySet().removeAll(last.keySet());
      until = new LogOffsets(end.logId(), starts);
    }
    return last;
  }

  /** As {@link #read}, from offset 0 of every partition. */
  public long readAll(LogOffsets end, Consumer<LogRecord> receiver) {
    return read(new LogOffsets(end.logId(), new TreeMap<>()), end, receiver);
  }

  private void requireTopic(String topicId) {
    String found = description("looking for topic " + topic).topicId().toString();
    if (!found.equals(topicId)) {
      throw LogErrors.topicWasRecreated(topic, topicId, found);
    }
  }

  private void requireHeld(LogOffsets from, LogOffsets end) {
    LogOffsets first = beginningOffsets();
    LogOffsets last = end().highWatermarks();
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
