package io.foldlog.local.servers;

/** A Kafka broker that serves, whichever process runs it. */
public interface KafkaService {

  /** Where clients connect, as {@code host:port}. */
  String bootstrapServers();
}
