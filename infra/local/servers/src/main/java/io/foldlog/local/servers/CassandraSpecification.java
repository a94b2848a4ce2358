package io.foldlog.local.servers;

import static java.util.Objects.requireNonNull;

import io.foldlog.runtime.PrivateFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The folder, addresses, heap and security of a Cassandra node.
 *
 * @param folder all files of the node: {@code conf}, {@code data}, {@code tmp}
 * @param address where the node listens, and its host name for others
 * @param port for CQL clients
 * @param storagePort between nodes; also opened by a single node
 * @param heapMebibytes size of the Java heap
 * @param seeds seed hosts of a cluster; empty for a single node
 * @param certificates for TLS with clients and between nodes; without them, nothing is encrypted
 */
public record CassandraSpecification(
    Path folder,
    ServerAddress address,
    int port,
    int storagePort,
    int heapMebibytes,
    List<String> seeds,
    Optional<Certificates> certificates) {

  /** The name of the only data centre, which drivers require. */
  public static final String DATA_CENTER = "datacenter1";

  private static final String MAIN = "org.apache.cassandra.service.CassandraDaemon";

  /** A single node need not wait for other nodes. */
  private static final String SINGLE_NODE_OPTIONS =
      "-Dcassandra.skip_wait_for_gossip_to_settle=0\n-Dcassandra.ring_delay_ms=0";

  private static final String CLUSTER_TOKENS =
      "num_tokens: 16\nallocate_tokens_for_local_replication_factor: 3";

  public CassandraSpecification {
    folder = requireNonNull(folder).toAbsolutePath().normalize();
    requireNonNull(address);
    seeds = List.copyOf(seeds);
    requireNonNull(certificates);
  }

  /** A single node on the loopback interface, without TLS. */
  public CassandraSpecification(Path folder, int port, int storagePort, int heapMebibytes) {
    this(
        folder,
        ServerAddress.LOOPBACK,
        port,
        storagePort,
        heapMebibytes,
        List.of(),
        Optional.empty());
  }

  /** A single node for tests, on two free ports. */
  public static CassandraSpecification onFreePorts(Path folder) {
    return new CassandraSpecification(folder, FreePort.next(), FreePort.next(), 512);
  }

  /** A copy with TLS. */
  public CassandraSpecification with(Certificates certificates) {
    return new CassandraSpecification(
        folder, address, port, storagePort, heapMebibytes, seeds, Optional.of(certificates));
  }

  /**
   * Writes the configuration with mode 600. Existing data is kept.
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
    Map<String, Object> values = new HashMap<>();
    values.put("listen", address.bindAddress());
    values.put("host", address.host());
    values.put("port", port);
    values.put("storage-port", storagePort);
    values.put("seeds", seedAddresses());
    values.put("ring", seeds.isEmpty() ? "num_tokens: 1" : CLUSTER_TOKENS);
    values.put("single-node-options", seeds.isEmpty() ? SINGLE_NODE_OPTIONS : "");
    values.put("heap", heapMebibytes);
    values.put("data", data);
    values.put("temporary", temporary);
    values.put("logging", logging);
    values.put("configuration-address", yaml.toUri());
    values.put("jamm", classPath.jar("jamm"));
    String encryption = "cassandra-plain.yaml";
    if (certificates.isPresent()) {
      encryption = "cassandra-tls.yaml";
      values.putAll(certificates.get().templateValues(address.host()));
    }
    PrivateFile.write(
        yaml,
        new Template("cassandra.yaml").render(values) + new Template(encryption).render(values));
    Files.writeString(logging, new Template("logback.xml").render(values));
    return ArgumentFile.write(
        configuration.resolve("java.args"),
        new Template("cassandra-jvm.options"),
        values,
        classPath,
        List.of(MAIN));
  }

  private String seedAddresses() {
    List<String> hosts = seeds.isEmpty() ? List.of(address.host()) : seeds;
    return hosts.stream().map(host -> host + ":" + storagePort).collect(Collectors.joining(","));
  }

  /** Whether no node has run in this folder yet. */
  boolean hasNoData() {
    return !Files.exists(folder.resolve("data").resolve("commitlog"));
  }
}
