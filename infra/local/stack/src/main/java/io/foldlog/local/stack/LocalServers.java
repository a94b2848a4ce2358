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

/** The broker and the Cassandra node of the stack. */
final class LocalServers {
  /** For the other parts of a produce request, and for requests of other types. */
  private static final int REQUEST_MARGIN_BYTES = 4 * 1024 * 1024;

  private LocalServers() {}

  /**
   * The broker.
   *
   * @throws PipelineException usage error, if the secrets of a cluster or of TLS do not exist
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
   * The largest request of the pipeline holds dead letters: one batch for each partition, each at
   * most as large as the topic accepts.
   */
  private static int maxRequestBytes(KafkaSettings log) {
    long largest = log.maxMessageBytes() + TopicSpecification.DEAD_LETTER_ROOM_BYTES;
    long records = Math.min(log.partitions() * largest, DeadLetters.MAX_REQUEST_BYTES);
    return Math.toIntExact(records + REQUEST_MARGIN_BYTES);
  }

  /** The Cassandra node. */
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

  /** The argument file that the preparation of a server writes to the server's folder. */
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
