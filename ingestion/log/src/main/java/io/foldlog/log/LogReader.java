package io.foldlog.log;

import io.foldlog.contract.TimestampSource;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.TimestampType;

/** Reads a range of offsets once. */
final class LogReader {

  private static final Duration POLL = Duration.ofMillis(200);

  private final KafkaClients connection;
  private final String topic;
  private final String topicId;
  private final Consumer<LogRecord> receiver;

  /** The remaining range of offsets of each partition that is not read to its end. */
  private final Map<TopicPartition, Range> remaining = new HashMap<>();

  private static final class Range {
    private final long end;
    private long next;

    private Range(long next, long end) {
      this.next = next;
      this.end = end;
    }
  }

  LogReader(
      KafkaClients connection,
      String topic,
      LogOffsets from,
      LogOffsets end,
      Consumer<LogRecord> receiver) {
    this.connection = connection;
    this.topic = topic;
    this.topicId = end.topicId();
    this.receiver = receiver;
    end.byPartition()
        .forEach(
            (partition, until) -> {
              long start = from.offset(partition);
              if (start < until) {
                remaining.put(new TopicPartition(topic, partition), new Range(start, until));
              }
            });
  }

  long run() {
    if (remaining.isEmpty()) {
      return 0;
    }
    long read = 0;
    try (KafkaConsumer<byte[], byte[]> consumer = connection.consumer()) {
      consumer.assign(remaining.keySet());
      remaining.forEach((partition, range) -> consumer.seek(partition, range.next));
      long stalledAt = System.nanoTime() + connection.limit().toNanos();
      while (!remaining.isEmpty()) {
        connection.requireNotStopped("reading topic " + topic);
        ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
        if (!records.isEmpty()) {
          read += process(consumer, records);
          stalledAt = System.nanoTime() + connection.limit().toNanos();
        } else {
          requireNothingSkipped(consumer);
          if (System.nanoTime() > stalledAt) {
            throw LogErrors.noRecordInTime(
                connection.bootstrapServers(), topic, connection.limit(), remaining.keySet());
          }
        }
      }
      return read;
    } catch (RuntimeException failure) {
      throw KafkaErrors.of(connection, "reading topic " + topic, failure);
    }
  }

  private long process(
      KafkaConsumer<byte[], byte[]> consumer, ConsumerRecords<byte[], byte[]> records) {
    long read = 0;
    for (TopicPartition partition : records.partitions()) {
      Range range = remaining.get(partition);
      if (range == null) {
        continue;
      }
      for (ConsumerRecord<byte[], byte[]> record : records.records(partition)) {
        if (record.offset() != range.next) {
          throw LogErrors.recordsWereSkipped(
              topic, partition.partition(), range.next, record.offset());
        }
        receiver.accept(recordOf(record));
        read++;
        range.next++;
        if (range.next == range.end) {
          remaining.remove(partition);
          consumer.pause(List.of(partition));
          break;
        }
      }
    }
    return read;
  }

  /** Transaction markers advance the position without a record. */
  private void requireNothingSkipped(KafkaConsumer<byte[], byte[]> consumer) {
    remaining.forEach(
        (partition, range) -> {
          long position = consumer.position(partition);
          if (position != range.next) {
            throw LogErrors.recordsWereSkipped(topic, partition.partition(), range.next, position);
          }
        });
  }

  private LogRecord recordOf(ConsumerRecord<byte[], byte[]> record) {
    return new LogRecord(
        new RecordId(topicId, record.partition(), record.offset()),
        record.timestampType() == TimestampType.LOG_APPEND_TIME
            ? TimestampSource.LOG_APPEND_TIME
            : TimestampSource.CREATE_TIME,
        record.timestamp(),
        record.key(),
        record.value(),
        Arrays.asList(record.headers().toArray()));
  }
}
