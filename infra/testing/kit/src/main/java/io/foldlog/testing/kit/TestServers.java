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
 * Starts the shared servers in the process of the build, once, and writes the system properties by
 * which the JVMs of the tests find them. The servers end with that process, however it ends.
 */
public final class TestServers {

  /** Holds on to what runs: a server that is garbage ends. */
  private static final List<AutoCloseable> RUNNING =
      new java.util.concurrent.CopyOnWriteArrayList<>();

  private TestServers() {}

  /**
   * Returns when both servers serve.
   *
   * @param arguments the folder of their data, emptied first, and the file of the properties
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
    CompletableFuture<Void> other = CompletableFuture.runAsync(kafka::start);
    cassandra.start();
    other.join();
    Files.createDirectories(properties.toAbsolutePath().getParent());
    try (Writer writer = Files.newBufferedWriter(properties, StandardCharsets.ISO_8859_1)) {
      SharedServers.properties(kafka, cassandra).store(writer, null);
    }
  }
}
