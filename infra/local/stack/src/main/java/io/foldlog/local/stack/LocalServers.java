package io.foldlog.local.stack;

import io.foldlog.contract.PipelineException;
import io.foldlog.local.servers.CassandraSpecification;
import io.foldlog.local.servers.KafkaQuorum;
import io.foldlog.local.servers.KafkaSpecification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Where the stack keeps its two servers, and whom they serve. */
final class LocalServers {
  private LocalServers() {}

  /**
   * The broker.
   *
   * @throws PipelineException refused, when the secrets of a cluster or of TLS were not made
   */
  static KafkaSpecification kafka(StackSettings stack) {
    return new KafkaSpecification(
        kafkaFolder(stack),
        stack.address(),
        stack.kafka().clients().number(),
        stack.kafka().peers().number(),
        stack.kafka().heapMebibytes(),
        quorum(stack),
        stack.tls() ? Optional.of(StackSecrets.of(stack).kafka()) : Optional.empty());
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
      throw PipelineException.refused(
          "The setting stack.kafka.brokers is %s; it must name this broker's own stack.host, which is %s."
              .formatted(stack.brokers(), stack.address().host()));
    }
    Path cluster = StackSecrets.of(stack).clusterId();
    try {
      return new KafkaQuorum(
          1 + stack.brokers().indexOf(stack.address().host()),
          stack.brokers(),
          Files.readString(cluster).strip());
    } catch (IOException failure) {
      throw PipelineException.refused(
          "The brokers' common id %s cannot be read (%s): run the step secrets first."
              .formatted(cluster, failure),
          failure);
    }
  }
}
