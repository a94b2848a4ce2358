package io.foldlog.log;

import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads the rest of one batch. No client can reach a record without unpacking the records before it
 * in its batch, so a record that exceeds the heap also hides the later records of its batch.
 */
final class BatchReader {

  private final KafkaClients connection;
  private final String topic;
  private final LogId logId;

  BatchReader(KafkaClients connection, String topic, LogId logId) {
    this.connection = connection;
    this.topic = topic;
    this.logId = logId;
  }

  List<LogRecord> read(int partition, long offset) {
    TopicPartition assigned = new TopicPartition(topic, partition);
    try (KafkaConsumer<byte[], byte[]> consumer = connection.consumerOfSingleBatches()) {
      consumer.assign(List.of(assigned));
      List<ConsumerRecord<byte[], byte[]>> records =
          FirstPoll.from(connection, consumer, assigned, offset);
      return records.isEmpty() || records.get(0).offset() > offset
          ? List.of()
          : records.stream().map(record -> LogReader.record(logId, record)).toList();
    } catch (RuntimeException failure) {
      throw KafkaErrors.of(connection, "reading topic " + topic, failure);
    }
  }
}
