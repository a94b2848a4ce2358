package io.foldlog.log;

import io.foldlog.contract.PipelineException;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** Reads the first records from an offset on. */
final class FirstPoll {

  private static final Duration POLL = Duration.ofMillis(200);

  private FirstPoll() {}

  /**
   * Polls until there are records, or the consumer has moved past the offset.
   *
   * @param partition assigned to the consumer
   * @return the records of the first poll that has any; empty, if the log holds no record with the
   *     offset
   * @throws PipelineException unavailable, when no record arrives within the connection's limit
   */
  static List<ConsumerRecord<byte[], byte[]>> from(
      KafkaClients connection,
      KafkaConsumer<byte[], byte[]> consumer,
      TopicPartition partition,
      long offset) {
    consumer.seek(partition, offset);
    long stalledAt = System.nanoTime() + connection.limit().toNanos();
    while (System.nanoTime() < stalledAt) {
      connection.requireNotStopped("reading topic " + partition.topic());
      List<ConsumerRecord<byte[], byte[]>> records = consumer.poll(POLL).records(partition);
      if (!records.isEmpty() || consumer.position(partition) > offset) {
        return records;
      }
    }
    throw LogErrors.noRecordInTime(
        connection.bootstrapServers(), partition.topic(), connection.limit(), List.of(partition));
  }
}
