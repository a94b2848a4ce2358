package io.foldlog.local.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * One broker and one node for all tests of a JVM: started when first asked for, ended and deleted
 * when the JVM ends. A test that stops, kills or freezes servers starts its own.
 */
public final class SharedServers {

  private static KafkaNode kafka;
  private static CassandraNode cassandra;

  private SharedServers() {}

  /** The shared broker, started. */
  public static synchronized KafkaNode kafka() {
    if (kafka == null) {
      KafkaNode node = KafkaNode.in(temporaryFolder("kafka"));
      closeAtEnd(node, node.specification().folder());
      node.start();
      kafka = node;
    }
    return kafka;
  }

  /** The shared node, started. */
  public static synchronized CassandraNode cassandra() {
    if (cassandra == null) {
      CassandraNode node = CassandraNode.in(temporaryFolder("cassandra"));
      closeAtEnd(node, node.specification().folder());
      node.start();
      cassandra = node;
    }
    return cassandra;
  }

  private static Path temporaryFolder(String name) {
    try {
      return Files.createTempDirectory("foldlog-" + name + "-");
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static void closeAtEnd(ServerProcess server, Path folder) {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  server.close();
                  delete(folder);
                }));
  }

  private static void delete(Path folder) {
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot delete " + folder, failure);
    }
  }
}
