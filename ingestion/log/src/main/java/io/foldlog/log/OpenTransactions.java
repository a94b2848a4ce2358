package io.foldlog.log;

import io.foldlog.contract.PipelineException;
import io.foldlog.log.HeldBackRecords.HangingTransaction;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeProducersResult.PartitionProducerState;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

/** Finds the open transactions of a topic and the age of the records that they hold back. */
final class OpenTransactions {

  private static final String MAX_TIMEOUT = "transaction.max.timeout.ms";

  /** Kafka's default of {@code transaction.max.timeout.ms}. */
  private static final Duration DEFAULT_MAX_TIMEOUT = Duration.ofMinutes(15);

  /** How long after its timeout a transaction may stay open, because of clocks and retries. */
  private static final Duration MARGIN = Duration.ofMinutes(5);

  private final KafkaClients connection;
  private final AdminCalls calls;
  private final String topic;

  OpenTransactions(KafkaClients connection, AdminCalls calls, String topic) {
    this.connection = connection;
    this.calls = calls;
    this.topic = topic;
  }

  HeldBackRecords find(EndOffsets end, Instant now) {
    List<Instant> oldest = new ArrayList<>();
    List<HangingTransaction> hanging = new ArrayList<>();
    end.offsets()
        .byPartition()
        .forEach(
            (partition, stable) -> {
              if (stable < end.highWatermarks().offset(partition)) {
                oldestRecord(partition, stable)
                    .ifPresent(
                        time -> {
                          oldest.add(time);
                          if (isOlderThanAllowed(time, now)) {
                            hanging.addAll(transactions(partition));
                          }
                        });
              }
            });
    return new HeldBackRecords(
        end.heldBack(), oldest.stream().min(Comparator.naturalOrder()), hanging);
  }

  /** The timestamp of the first record from the last stable offset on. */
  private Optional<Instant> oldestRecord(int partition, long stable) {
    TopicPartition assigned = new TopicPartition(topic, partition);
    try (KafkaConsumer<byte[], byte[]> consumer = connection.consumerOfAllRecords()) {
      consumer.assign(List.of(assigned));
      return FirstPoll.from(connection, consumer, assigned, stable).stream()
          .findFirst()
          .map(record -> Instant.ofEpochMilli(record.timestamp()));
    } catch (RuntimeException failure) {
      throw KafkaErrors.of(connection, "reading topic " + topic, failure);
    }
  }

  private boolean isOlderThanAllowed(Instant oldest, Instant now) {
    Duration age = Duration.between(oldest, now);
    return age.compareTo(MARGIN) > 0 && age.compareTo(maxTimeout().plus(MARGIN)) > 0;
  }

  /** The brokers' limit; Kafka's default if this login may not read it. */
  private Duration maxTimeout() {
    try {
      Node broker =
          calls
              .call("looking for a broker", admin -> admin.describeCluster().nodes())
              .iterator()
              .next();
      ConfigResource resource = new ConfigResource(ConfigResource.Type.BROKER, broker.idString());
      Config settings =
          calls.call(
              "reading the settings of a broker",
              admin -> admin.describeConfigs(List.of(resource)).values().get(resource));
      ConfigEntry found = settings.get(MAX_TIMEOUT);
      return found == null ? DEFAULT_MAX_TIMEOUT : Duration.ofMillis(Long.parseLong(found.value()));
    } catch (PipelineException failure) {
      if (failure.kind() == PipelineException.Kind.USAGE_ERROR) {
        return DEFAULT_MAX_TIMEOUT;
      }
      throw failure;
    }
  }

  private List<HangingTransaction> transactions(int partition) {
    TopicPartition described = new TopicPartition(topic, partition);
    Map<TopicPartition, PartitionProducerState> found =
        calls.call(
            "describing the producers of topic " + topic,
            admin -> admin.describeProducers(List.of(described)).all());
    return found.get(described).activeProducers().stream()
        .filter(producer -> producer.currentTransactionStartOffset().isPresent())
        .map(
            producer -> {
              long start = producer.currentTransactionStartOffset().getAsLong();
              return new HangingTransaction(
                  partition,
                  start,
                  producer.producerId(),
                  LogErrors.abortTransaction(
                      connection.bootstrapServers(), topic, partition, start));
            })
        .sorted(Comparator.comparingLong(HangingTransaction::startOffset))
        .toList();
  }
}
