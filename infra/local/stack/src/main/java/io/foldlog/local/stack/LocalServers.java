package io.foldlog.local.stack;

import io.foldlog.contract.PipelineException;
import io.foldlog.local.servers.CassandraSpecification;
import io.foldlog.local.servers.KafkaQuorum;
import io.foldlog.local.servers.KafkaSpecification;
import io.foldlog.log.DeadLetters;
import io.foldlog.log.KafkaSettings;
import io.foldlog.log.TopicSpecification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Where the stack keeps its two servers, and whom they serve. */
final class LocalServers {
  /** What a request has beside its records, and what else clients and brokers ask. */
  private static final int REQUEST_MARGIN_BYTES = 4 * 1024 * 1024;

  private LocalServers() {}

  /**
   * The broker.
   *
   * @throws PipelineException usage error, when the secrets of a cluster or of TLS were not made
   */
  static KafkaSpecification kafka(StackSettings stack, KafkaSettings log) {
    return new KafkaSpecification(
        kafkaFolder(stack),
        stack.address(),
        stack.kafka().clients().number(),
        stack.kafka().peers().number(),
        stack.kafka().heapMebibytes(),
        maxRequestBytes(log),
        stack.kafkaPublishedPort(),
        quorum(stack),
        stack.tls() ? Optional.of(StackSecrets.of(stack).kafka()) : Optional.empty());
  }

  /**
   * The largest request of the pipeline is one of dead letters: one batch for each partition, each
   * at most as large as the topic takes.
   */
  private static int maxRequestBytes(KafkaSettings log) {
    long largest = log.maxMessageBytes() + TopicSpecification.DEAD_LETTER_ROOM_BYTES;
    long records = Math.min(log.partitions() * largest, DeadLetters.MAX_REQUEST_BYTES);
    return Math.toIntExact(records + REQUEST_MARGIN_BYTES);
  }

  /** The node. */
  static CassandraSpecification cassandra(StackSettings stack) {
    return new CassandraSpecification(
        cassandraFolder(stack),
        stack.address(),
        stack.cassandra().clients().number(),
        stack.cassandra().peers().number(),
        stack.cassandra().heapMebibytes(),
        stack.seeds(),
        stack.tls() ? Optional.of(StackSecrets.of(stack).certificates()) : Optional.empty());
  }

  static Path kafkaFolder(StackSettings stack) {
    return stack.state().resolve("kafka");
  }

  static Path cassandraFolder(StackSettings stack) {
    return stack.state().resolve("cassandra");
  }

  /** Where preparing a server in the folder leaves its argument file. */
  static Path argumentFile(Path folder) {
    return folder.resolve("conf").resolve("java.args");
  }

  private static KafkaQuorum quorum(StackSettings stack) {
    if (stack.brokers().isEmpty()) {
      return KafkaQuorum.ofOne();
    }
    if (!stack.brokers().contains(stack.address().host())) {
      throw StackErrors.brokerIsNotListed(stack.brokers(), stack.address().host());
    }
    Path cluster = StackSecrets.of(stack).clusterId();
    try {
      return new KafkaQuorum(
          1 + stack.brokers().indexOf(stack.address().host()),
          stack.brokers(),
          Files.readString(cluster).strip());
    } catch (IOException failure) {
      throw StackErrors.clusterIdIsUnreadable(cluster, failure);
    }
  }
}
