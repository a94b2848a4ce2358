package io.foldlog.log;

import io.foldlog.contract.TimestampSource;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.TimestampType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the committed records of a range of offsets once. Offsets without a record, such as those
 * of transaction markers and aborted records, are passed over, and so are skipped offsets.
 *
 * <p>Kafka's client unpacks all records that one poll returns, and it bounds them by number and by
 * compressed bytes only. If they exceed the heap together, the reader reads them one by one. It
 * does so too before a skipped offset, so that no poll unpacks the record there.
 */
final class LogReader {

  private static final Logger LOG = LoggerFactory.getLogger(LogReader.class);
  private static final Duration POLL = Duration.ofMillis(200);

  /** For how many offsets records are read one by one after a poll exceeded the heap. */
  private static final int SINGLE_OFFSETS = 2 * KafkaClients.MAX_POLL_RECORDS;

  private final KafkaClients connection;
  private final String topic;
  private final LogId logId;
  private final SkippedOffsets skipped;
  private final Predicate<LogRecord> receiver;

  /** The remaining range of offsets of each partition that is not read to its end. */
  private final Map<TopicPartition, Range> remaining = new HashMap<>();

  private final SortedMap<Integer, Long> reached = new TreeMap<>();
  private long read;

  /** How many records a poll may return. */
  private enum PollSize {
    ONE,
    MANY
  }

  private static final class Range {
    private final long end;
    private long next;

    /** Records before this offset are read one by one. */
    private long singleUntil;

    private Range(long next, long end) {
      this.next = next;
      this.end = end;
    }
  }

  /** A part of a range that one consumer reads. */
  private record Pass(PollSize size, long until) {}

  /**
   * @param receiver returns whether to read on in the record's partition
   */
  LogReader(
      KafkaClients connection,
      String topic,
      LogOffsets from,
      LogOffsets end,
      SkippedOffsets skipped,
      Predicate<LogRecord> receiver) {
    this.connection = connection;
    this.topic = topic;
    this.logId = end.logId();
    this.skipped = skipped;
    this.receiver = receiver;
    end.byPartition()
        .forEach(
            (partition, until) -> {
              long start = from.offset(partition);
              reached.put(partition, Math.max(start, until));
              if (start < until) {
                remaining.put(new TopicPartition(topic, partition), new Range(start, until));
              }
            });
  }

  /** Reads the range. Returns the number of records that were read. */
  long run() {
    try {
      Map<TopicPartition, Long> passes = passes();
      while (!passes.isEmpty()) {
        PollSize size = plan(passes.keySet().iterator().next()).orElseThrow().size();
        try (KafkaConsumer<byte[], byte[]> consumer =
            size == PollSize.ONE ? connection.consumerOfSingleRecords() : connection.consumer()) {
          run(consumer, passes);
        } catch (OutOfMemoryError heap) {
          if (size == PollSize.ONE) {
            throw heap;
          }
          LOG.warn(
              "event=poll_exceeds_heap topic={} offsets={} action=\"reads the records one by one\"",
              topic,
              passes.keySet());
          passes
              .keySet()
              .forEach(
                  partition -> {
                    Range range = remaining.get(partition);
                    if (range != null) {
                      range.singleUntil = range.next + SINGLE_OFFSETS;
                    }
                  });
        }
        passes = passes();
      }
      return read;
    } catch (RuntimeException failure) {
      throw KafkaErrors.of(connection, "reading topic " + topic, failure);
    }
  }

  /**
   * Reads the range of one partition with one record in memory at a time. Returns the offset at
   * which the receiver ended the reading or the next record did not fit into the heap; else the end
   * of the range.
   */
  long runOneByOne(int partition) {
    remaining.values().forEach(range -> range.singleUntil = range.end);
    try {
      run();
    } catch (OutOfMemoryError heap) {
      return remaining.get(new TopicPartition(topic, partition)).next;
    }
    return reached.get(partition);
  }

  /**
   * For each partition that the next consumer reads, the offset at which it stops. All of them have
   * the same poll size; many records are read first.
   */
  private Map<TopicPartition, Long> passes() {
    Map<PollSize, Map<TopicPartition, Long>> bySize = new EnumMap<>(PollSize.class);
    for (TopicPartition partition : List.copyOf(remaining.keySet())) {
      plan(partition)
          .ifPresent(
              pass ->
                  bySize
                      .computeIfAbsent(pass.size(), size -> new HashMap<>())
                      .put(partition, pass.until()));
    }
    return bySize.getOrDefault(
        PollSize.MANY, bySize.getOrDefault(PollSize.ONE, Collections.emptyMap()));
  }

  /** The next part of a partition's range; empty, if only skipped offsets remain. */
  private Optional<Pass> plan(TopicPartition partition) {
    Range range = remaining.get(partition);
    range.next = skipped.next(partition.partition(), range.next);
    if (range.next >= range.end) {
      remaining.remove(partition);
      return Optional.empty();
    }
    long skip = skipped.firstFrom(partition.partition(), range.next).orElse(Long.MAX_VALUE);
    long single = Math.max(range.next, skip - KafkaClients.MAX_POLL_RECORDS);
    boolean isSingle = range.next < range.singleUntil || range.next >= single;
    long until = range.next < range.singleUntil ? range.singleUntil : isSingle ? skip : single;
    return Optional.of(
        new Pass(
            isSingle ? PollSize.ONE : PollSize.MANY, Math.min(Math.min(until, skip), range.end)));
  }

  private void run(KafkaConsumer<byte[], byte[]> consumer, Map<TopicPartition, Long> passes) {
    Map<TopicPartition, Long> unfinished = new HashMap<>(passes);
    consumer.assign(unfinished.keySet());
    unfinished.keySet().forEach(each -> consumer.seek(each, remaining.get(each).next));
    long stalledAt = System.nanoTime() + connection.limit().toNanos();
    while (!unfinished.isEmpty()) {
      connection.requireNotStopped("reading topic " + topic);
      int partitions = unfinished.size();
      long before = progress(unfinished);
      process(consumer, consumer.poll(POLL), unfinished);
      advance(consumer, unfinished);
      if (unfinished.size() < partitions || progress(unfinished) > before) {
        stalledAt = System.nanoTime() + connection.limit().toNanos();
      } else if (System.nanoTime() > stalledAt) {
        throw LogErrors.noRecordInTime(
            connection.bootstrapServers(), topic, connection.limit(), unfinished.keySet());
      }
    }
  }

  /**
   * For each partition, the end of the range; or the offset of the record at which the receiver
   * ended the reading of the partition.
   */
  LogOffsets reached() {
    return new LogOffsets(logId, reached);
  }

  private void process(
      KafkaConsumer<byte[], byte[]> consumer,
      ConsumerRecords<byte[], byte[]> records,
      Map<TopicPartition, Long> unfinished) {
    for (TopicPartition partition : records.partitions()) {
      if (!unfinished.containsKey(partition)) {
        continue;
      }
      Range range = remaining.get(partition);
      for (ConsumerRecord<byte[], byte[]> record : records.records(partition)) {
        if (record.offset() >= unfinished.get(partition)) {
          break;
        }
        read++;
        range.next = record.offset() + 1;
        if (!receiver.test(record(logId, record))) {
          reached.put(partition.partition(), record.offset());
          remaining.remove(partition);
          finish(consumer, partition, unfinished);
          break;
        }
      }
    }
  }

  /** The consumer's position also moves past offsets without a record. */
  private void advance(
      KafkaConsumer<byte[], byte[]> consumer, Map<TopicPartition, Long> unfinished) {
    for (TopicPartition partition : List.copyOf(unfinished.keySet())) {
      Range range = remaining.get(partition);
      long position = Math.min(consumer.position(partition), unfinished.get(partition));
      range.next = Math.max(range.next, position);
      if (range.next >= unfinished.get(partition)) {
        finish(consumer, partition, unfinished);
      }
    }
  }

  private long progress(Map<TopicPartition, Long> unfinished) {
    return unfinished.keySet().stream().mapToLong(each -> remaining.get(each).next).sum();
  }

  private static void finish(
      KafkaConsumer<byte[], byte[]> consumer,
      TopicPartition partition,
      Map<TopicPartition, Long> unfinished) {
    unfinished.remove(partition);
    consumer.pause(List.of(partition));
  }

  static LogRecord record(LogId logId, ConsumerRecord<byte[], byte[]> record) {
    return new LogRecord(
        new RecordId(logId, record.partition(), record.offset()),
        record.timestampType() == TimestampType.LOG_APPEND_TIME
            ? TimestampSource.LOG_APPEND_TIME
            : TimestampSource.CREATE_TIME,
        record.timestamp(),
        record.key(),
        record.value(),
        Arrays.asList(record.headers().toArray()));
  }
}
