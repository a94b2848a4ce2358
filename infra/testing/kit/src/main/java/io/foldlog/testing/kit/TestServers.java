package io.foldlog.testing.kit;

import io.foldlog.local.servers.CassandraNode;
import io.foldlog.local.servers.KafkaNode;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Starts the shared servers in the process of the build. Writes the system properties from which
 * the test JVMs read the addresses. The servers end with that process, even if it is killed.
 */
public final class TestServers {

  /** Keeps the servers reachable: a server ends when it is garbage-collected. */
  private static final List<AutoCloseable> RUNNING =
      new java.util.concurrent.CopyOnWriteArrayList<>();

  private TestServers() {}

  /**
   * Returns when both servers accept connections.
   *
   * @param arguments the data folder, which is deleted first, and the properties file
   */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    Path properties = Path.of(arguments[1]);
    Files.deleteIfExists(properties);
    if (Files.exists(folder)) {
      SharedServers.delete(folder);
    }
    KafkaNode kafka = KafkaNode.in(Files.createDirectories(folder.resolve("kafka")));
    CassandraNode cassandra =
        CassandraNode.in(Files.createDirectories(folder.resolve("cassandra")));
    RUNNING.addAll(List.of(kafka, cassandra));
    CompletableFuture<Void> kafkaStart = CompletableFuture.runAsync(kafka::start);
    cassandra.start();
    kafkaStart.join();
    Files.createDirectories(properties.toAbsolutePath().getParent());
    try (Writer writer = Files.newBufferedWriter(properties, StandardCharsets.ISO_8859_1)) {
      SharedServers.properties(kafka, cassandra).store(writer, null);
    }
  }
}
