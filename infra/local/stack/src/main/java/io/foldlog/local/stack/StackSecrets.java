package io.foldlog.local.stack;

import io.foldlog.runtime.CassandraSettings;
import io.foldlog.local.servers.Certificates;
import io.foldlog.local.servers.KafkaSecurity;
import io.foldlog.local.servers.PrivateFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the servers and their clients have to keep to themselves: passwords, certificates, and the
 * files that clients read.
 *
 * @param folder of all of it, mode 700
 */
record StackSecrets(Path folder) {
  private static final Logger LOG = LoggerFactory.getLogger(StackSecrets.class);

  /** Whom the pipeline's clients log in as at Kafka. */
  private static final String PIPELINE = "pipeline";

  static StackSecrets of(StackSettings stack) {
    return new StackSecrets(stack.secrets());
  }

  /**
   * Generates the passwords of Cassandra's roles that are missing; not of somebody else's admin.
   */
  static void generatePasswords(CassandraSettings cassandra) throws IOException {
    List<CassandraSettings.Credentials> own =
        new ArrayList<>(List.of(cassandra.writer(), cassandra.reader()));
    if (!cassandra.external()) {
      own.add(cassandra.admin());
    }
    for (CassandraSettings.Credentials role : own) {
      if (PrivateFile.generate(role.password().file())) {
        LOG.info("password=generated role={} file={}", role.user(), role.password().file());
      }
    }
  }

  /** Makes what is missing of the rest, for servers on these hosts. */
  void make(List<String> hosts) throws IOException {
    if (!Files.exists(clusterId())) {
      PrivateFile.write(clusterId(), UUID.randomUUID() + "\n");
    }
    certificates().make(hosts);
    KafkaSecurity kafka = kafka();
    for (Path password : kafka.passwords().values()) {
      PrivateFile.generate(password);
    }
    kafka.writeClientProperties(folder.resolve("kafka-client.properties"), PIPELINE);
  }

  /** The brokers' common id. */
  Path clusterId() {
    return folder.resolve("kafka-cluster.id");
  }

  Certificates certificates() {
    return new Certificates(folder);
  }

  KafkaSecurity kafka() {
    return new KafkaSecurity(
        certificates(),
        Map.of(
            KafkaSecurity.BROKER,
            folder.resolve("kafka-broker.password"),
            PIPELINE,
            folder.resolve("kafka-pipeline.password")));
  }
}
