package io.foldlog.log;

import io.foldlog.log.LogLoss.Type;
import io.foldlog.log.PartitionPosition.LastRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Compares a stored position with the log. A log has lost records if it begins past the position,
 * ends before it, or holds another record or none at the offset of the last record that was read.
 *
 * <p>A log that lost its end and then got new records does not show this by its offsets. Kafka's
 * truncation check finds it, also if the last record is deleted: the broker's end offset of the
 * stored leader epoch is then below the position (KIP-320).
 *
 * <p>The end is judged by the high watermark: the last stable offset may be lower because of an
 * open transaction.
 */
final class LogIntegrity {

  private final KafkaClients connection;
  private final String topic;
  private final LogOffsets beginning;
  private final EndOffsets end;

  LogIntegrity(KafkaClients connection, String topic, LogOffsets beginning, EndOffsets end) {
    this.connection = connection;
    this.topic = topic;
    this.beginning = beginning;
    this.end = end;
  }

  /** At most one loss for each partition; empty if the log holds what was read. */
  List<LogLoss> losses(LogPosition position) {
    List<LogLoss> losses = new ArrayList<>();
    List<Integer> toCompare = new ArrayList<>();
    position
        .byPartition()
        .forEach(
            (partition, read) -> {
              long first = beginning.offset(partition);
              long last = end.highWatermarks().offset(partition);
              if (read.nextOffset() < first) {
                losses.add(
                    new LogLoss(Type.UNREAD_RECORDS_DELETED, partition, read.nextOffset(), first));
              } else if (read.nextOffset() > last) {
                losses.add(new LogLoss(Type.READ_RECORDS_GONE, partition, last, read.nextOffset()));
              } else if (read.leaderEpoch() != null || read.last().isPresent()) {
                toCompare.add(partition);
              }
            });
    if (!toCompare.isEmpty()) {
      compare(position, toCompare, losses);
    }
    return losses;
  }

  private void compare(LogPosition position, List<Integer> partitions, List<LogLoss> losses) {
    String doing = "comparing topic " + topic + " with the stored position";
    try (KafkaConsumer<byte[], byte[]> consumer = connection.consumerOfAllRecords()) {
      for (int partition : partitions) {
        connection.requireNotStopped(doing);
        PartitionPosition read = position.byPartition().get(partition);
        TopicPartition assigned = new TopicPartition(topic, partition);
        consumer.assign(List.of(assigned));
        truncation(consumer, assigned, read)
            .or(() -> lastRecord(consumer, assigned, read))
            .ifPresent(losses::add);
      }
    } catch (RuntimeException failure) {
      throw KafkaErrors.of(connection, doing, failure);
    }
  }

  private static Optional<LogLoss> truncation(
      KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, PartitionPosition read) {
    if (read.leaderEpoch() == null) {
      return Optional.empty();
    }
    // the check needs the current leader's epoch, which this request fetches
    consumer.endOffsets(List.of(partition));
    consumer.seek(
        partition, new OffsetAndMetadata(read.nextOffset(), Optional.of(read.leaderEpoch()), ""));
    try {
      consumer.position(partition);
      return Optional.empty();
    } catch (LogTruncationException truncated) {
      OffsetAndMetadata divergent = truncated.divergentOffsets().get(partition);
      long from = divergent == null ? 0 : Math.min(divergent.offset(), read.nextOffset() - 1);
      return Optional.of(
          new LogLoss(
              Type.READ_RECORDS_GONE, partition.partition(), Math.max(0, from), read.nextOffset()));
    }
  }

  private Optional<LogLoss> lastRecord(
      KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, PartitionPosition read) {
    Optional<LastRecord> stored =
        read.last().filter(last -> last.offset() >= beginning.offset(partition.partition()));
    if (stored.isEmpty()) {
      return Optional.empty();
    }
    long offset = stored.get().offset();
    Optional<LogRecord> found = record(consumer, partition, offset);
    if (found.isEmpty()) {
      return Optional.of(
          new LogLoss(Type.LAST_RECORD_MISSING, partition.partition(), offset, offset + 1));
    }
    return found.get().fingerprint() == stored.get().fingerprint()
        ? Optional.empty()
        : Optional.of(
            new LogLoss(Type.LAST_RECORD_REPLACED, partition.partition(), offset, offset + 1));
  }

  /** The record with that offset; empty if the log has none. */
  private Optional<LogRecord> record(
      KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, long offset) {
    return FirstPoll.from(connection, consumer, partition, offset).stream()
        .findFirst()
        .filter(record -> record.offset() == offset)
        .map(record -> LogReader.record(end.offsets().logId(), record));
  }
}
