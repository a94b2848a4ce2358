package io.foldlog.log;

import io.foldlog.contract.TimestampSource;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.TimestampType;

/**
 * Reads the committed records of a range of offsets once. Offsets without a record, such as those
 * of transaction markers and aborted records, are passed over.
 */
final class LogReader {

  private static final Duration POLL = Duration.ofMillis(200);

  private final KafkaClients connection;
  private final String topic;
  private final LogId logId;
  private final Predicate<LogRecord> receiver;

  /** The remaining range of offsets of each partition that is not read to its end. */
  private final Map<TopicPartition, Range> remaining = new HashMap<>();

  private final SortedMap<Integer, Long> reached = new TreeMap<>();
  private long read;

  private static final class Range {
    private final long end;
    private long next;

    private Range(long next, long end) {
      this.next = next;
      this.end = end;
    }
  }

  /**
   * @param receiver returns whether to read on in the record's partition
   */
  LogReader(
      KafkaClients connection,
      String topic,
      LogOffsets from,
      LogOffsets end,
      Predicate<LogRecord> receiver) {
    this.connection = connection;
    this.topic = topic;
    this.logId = end.logId();
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
    if (remaining.isEmpty()) {
      return 0;
    }
    try (KafkaConsumer<byte[], byte[]> consumer = connection.consumer()) {
      consumer.assign(remaining.keySet());
      remaining.forEach((partition, range) -> consumer.seek(partition, range.next));
      long stalledAt = System.nanoTime() + connection.limit().toNanos();
      while (!remaining.isEmpty()) {
        connection.requireNotStopped("reading topic " + topic);
        process(consumer, consumer.poll(POLL));
        if (advance(consumer)) {
          stalledAt = System.nanoTime() + connection.limit().toNanos();
        } else if (System.nanoTime() > stalledAt) {
          throw LogErrors.noRecordInTime(
              connection.bootstrapServers(), topic, connection.limit(), remaining.keySet());
        }
      }
      return read;
    } catch (RuntimeException failure) {
      throw KafkaErrors.of(connection, "reading topic " + topic, failure);
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
      KafkaConsumer<byte[], byte[]> consumer, ConsumerRecords<byte[], byte[]> records) {
    for (TopicPartition partition : records.partitions()) {
      Range range = remaining.get(partition);
      if (range == null) {
        continue;
      }
      for (ConsumerRecord<byte[], byte[]> record : records.records(partition)) {
        if (record.offset() >= range.end) {
          break;
        }
        read++;
        if (!receiver.test(record(logId, record))) {
          reached.put(partition.partition(), record.offset());
          finish(consumer, partition);
          break;
        }
      }
    }
  }

  /** The consumer's position also moves past offsets without a record. */
  private boolean advance(KafkaConsumer<byte[], byte[]> consumer) {
    boolean hasAdvanced = false;
    for (TopicPartition partition : List.copyOf(remaining.keySet())) {
      Range range = remaining.get(partition);
      long position = consumer.position(partition);
      hasAdvanced |= position > range.next;
      range.next = position;
      if (position >= range.end) {
        finish(consumer, partition);
      }
    }
    return hasAdvanced || remaining.isEmpty();
  }

  private void finish(KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition) {
    remaining.remove(partition);
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
