package io.foldlog.local.stack;

import io.foldlog.local.servers.CassandraSpecification;
import io.foldlog.local.servers.KafkaSpecification;
import java.nio.file.Path;

/** Where the stack keeps its two servers. */
final class LocalServers {
  private LocalServers() {}

  static KafkaSpecification kafka(StackSettings stack) {
    return new KafkaSpecification(
        stack.state().resolve("kafka"),
        stack.kafka().clients().number(),
        stack.kafka().peers().number(),
        stack.kafka().heapMebibytes());
  }

  static CassandraSpecification cassandra(StackSettings stack) {
    return new CassandraSpecification(
        stack.state().resolve("cassandra"),
        stack.cassandra().clients().number(),
        stack.cassandra().peers().number(),
        stack.cassandra().heapMebibytes());
  }

  /** Where preparing a server in the folder leaves its argument file. */
  static Path argumentFile(Path folder) {
    return folder.resolve("conf").resolve("java.args");
  }
}
