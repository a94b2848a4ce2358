package io.foldlog.local.servers;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Where a local Cassandra node lives and what it may use.
 *
 * @param folder everything of it: {@code conf}, {@code data}, {@code tmp}
 * @param port of CQL clients, on 127.0.0.1
 * @param storagePort between nodes, on 127.0.0.1; of no use to a single node, yet it is opened
 * @param heapMebibytes of its Java heap
 */
public record CassandraSpecification(Path folder, int port, int storagePort, int heapMebibytes) {

  /** The name of the only data centre, which drivers ask for. */
  public static final String DATA_CENTER = "datacenter1";

  private static final String MAIN = "org.apache.cassandra.service.CassandraDaemon";

  public CassandraSpecification {
    folder = requireNonNull(folder).toAbsolutePath().normalize();
  }

  /** On the folder, with two free ports and a heap that serves tests. */
  public static CassandraSpecification onFreePorts(Path folder) {
    return new CassandraSpecification(folder, FreePort.next(), FreePort.next(), 512);
  }

  /**
   * Writes the configuration anew; data that is there stays.
   *
   * @return the argument file that runs the node: {@code java @file}
   */
  public Path prepare() throws IOException {
    Path configuration = Files.createDirectories(folder.resolve("conf"));
    Path data = Files.createDirectories(folder.resolve("data"));
    Path temporary = Files.createDirectories(folder.resolve("tmp"));
    Path yaml = configuration.resolve("cassandra.yaml");
    Path logging = configuration.resolve("logback.xml");
    ServerClassPath classPath = ServerClassPath.of("cassandra");
    Map<String, Object> values =
        Map.of(
            "port", port,
            "storage-port", storagePort,
            "heap", heapMebibytes,
            "data", data,
            "temporary", temporary,
            "logging", logging,
            "configuration-address", yaml.toUri(),
            "jamm", classPath.jar("jamm"));
    Files.writeString(yaml, new Template("cassandra.yaml").render(values));
    Files.writeString(logging, new Template("logback.xml").render(values));
    return ArgumentFile.write(
        configuration.resolve("java.args"),
        new Template("cassandra-jvm.options"),
        values,
        classPath,
        List.of(MAIN));
  }

  /** Whether no node has run on the folder yet. */
  boolean empty() {
    return !Files.exists(folder.resolve("data").resolve("commitlog"));
  }
}
