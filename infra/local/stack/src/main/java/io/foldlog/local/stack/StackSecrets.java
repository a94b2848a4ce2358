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
 * What the servers and their clients have to keep to themselves: passwords, certificates, and the
 * files that clients read.
 *
 * @param folder of all of it, mode 700
 */
record StackSecrets(Path folder) {
  /** Whom the pipeline's clients log in as at Kafka. */
  private static final String PIPELINE = "pipeline";

  static StackSecrets of(StackSettings stack) {
    return new StackSecrets(stack.secrets());
  }

  /** Makes what is missing, for servers on these hosts. */
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
