package io.foldlog.local.servers;

/** A running Kafka broker that this JVM or another process has started. */
public interface KafkaService {

  /** Where clients connect, as {@code host:port}. */
  String bootstrapServers();
}
