package io.foldlog.local.stack;

import io.foldlog.local.servers.Certificates;
import io.foldlog.local.servers.KafkaSecurity;
import io.foldlog.runtime.PrivateFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Secrets of the servers and their clients: passwords, certificates, and client properties.
 *
 * @param folder of all secrets, mode 700
 */
record StackSecrets(Path folder) {
  /** The Kafka user of the pipeline's clients. */
  private static final String PIPELINE_USER = "pipeline";

  static StackSecrets of(StackSettings stack) {
    return new StackSecrets(stack.secrets());
  }

  /** Creates missing secrets for servers on these hosts. */
  void createMissing(List<String> hosts) throws IOException {
    if (!Files.exists(clusterId())) {
      PrivateFile.write(clusterId(), UUID.randomUUID() + "\n");
    }
    certificates().make(hosts);
    KafkaSecurity kafka = kafka();
    for (Path password : kafka.passwords().values()) {
      PrivateFile.generate(password);
    }
    kafka.writeClientProperties(folder.resolve("kafka-client.properties"), PIPELINE_USER);
  }

  /** The file of the Kafka cluster id. */
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
            PIPELINE_USER,
            folder.resolve("kafka-pipeline.password")));
  }
}
