package io.foldlog.local.servers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A real Kafka broker (KRaft) as a child process. */
public final class KafkaNode extends ServerProcess implements KafkaService {

  private final KafkaSpecification specification;

  public KafkaNode(KafkaSpecification specification) {
    super("Kafka", specification.folder());
    this.specification = specification;
  }

  /** A broker on free ports, not started yet. */
  public static KafkaNode in(Path folder) {
    return new KafkaNode(KafkaSpecification.onFreePorts(folder));
  }

  @Override
  public String bootstrapServers() {
    return specification.bootstrapServers();
  }

  public KafkaSpecification specification() {
    return specification;
  }

  @Override
  Launch launch() throws IOException {
    return new Launch(List.of(), specification.prepare(), List.of("Kafka Server started"));
  }
}
