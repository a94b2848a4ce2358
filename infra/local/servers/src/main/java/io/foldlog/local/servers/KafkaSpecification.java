package io.foldlog.local.servers;

import static java.util.Objects.requireNonNull;

import io.foldlog.runtime.PrivateFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The folder, addresses, limits and security of a broker.
 *
 * @param folder all files of the broker: {@code conf}, {@code data}, {@code tmp}
 * @param address where the broker listens, and its host name for others
 * @param port of the listener for clients and other brokers
 * @param controllerPort of the controllers' listener
 * @param heapMebibytes size of the Java heap
 * @param maxRequestBytes the broker closes the connection of a larger request; it allocates a
 *     request's memory before the client has logged in
 * @param publishedPort port of 127.0.0.1 on the containers' host, which publishes the broker's port
 *     {@value #PUBLISHED_LISTENER_PORT} there; empty for none
 * @param quorum the controller quorum of the broker's cluster
 * @param security TLS and logins; without it, the broker accepts every client without encryption
 */
public record KafkaSpecification(
    Path folder,
    ServerAddress address,
    int port,
    int controllerPort,
    int heapMebibytes,
    int maxRequestBytes,
    OptionalInt publishedPort,
    KafkaQuorum quorum,
    Optional<KafkaSecurity> security) {

  /** The port inside the container of the listener for clients on its host. */
  static final int PUBLISHED_LISTENER_PORT = 9094;

  /** Kafka's default. */
  private static final int DEFAULT_MAX_REQUEST_BYTES = 100 * 1024 * 1024;

  private static final String MAIN = "kafka.Kafka";

  public KafkaSpecification {
    folder = requireNonNull(folder).toAbsolutePath().normalize();
    requireNonNull(address);
    requireNonNull(publishedPort);
    requireNonNull(quorum);
    requireNonNull(security);
  }

  /** A broker with Kafka's default limit of a request's size. */
  public KafkaSpecification(
      Path folder,
      ServerAddress address,
      int port,
      int controllerPort,
      int heapMebibytes,
      KafkaQuorum quorum,
      Optional<KafkaSecurity> security) {
    this(
        folder,
        address,
        port,
        controllerPort,
        heapMebibytes,
        DEFAULT_MAX_REQUEST_BYTES,
        OptionalInt.empty(),
        quorum,
        security);
  }

  /** A single broker on the loopback interface, without TLS and logins. */
  public KafkaSpecification(Path folder, int port, int controllerPort, int heapMebibytes) {
    this(
        folder,
        ServerAddress.LOOPBACK,
        port,
        controllerPort,
        heapMebibytes,
        KafkaQuorum.ofOne(),
        Optional.empty());
  }

  /** A single broker for tests, on two free ports. */
  public static KafkaSpecification onFreePorts(Path folder) {
    return new KafkaSpecification(folder, FreePort.next(), FreePort.next(), 256);
  }

  /** A copy with TLS and logins. */
  public KafkaSpecification with(KafkaSecurity security) {
    return new KafkaSpecification(
        folder,
        address,
        port,
        controllerPort,
        heapMebibytes,
        maxRequestBytes,
        publishedPort,
        quorum,
        Optional.of(security));
  }

  /** A copy with another limit of a request's size. */
  public KafkaSpecification withMaxRequestBytes(int bytes) {
    return new KafkaSpecification(
        folder,
        address,
        port,
        controllerPort,
        heapMebibytes,
        bytes,
        publishedPort,
        quorum,
        security);
  }

  /** A copy with a listener for clients on the host of its container. */
  public KafkaSpecification publishedOn(int hostPort) {
    return new KafkaSpecification(
        folder,
        address,
        port,
        controllerPort,
        heapMebibytes,
        maxRequestBytes,
        OptionalInt.of(hostPort),
        quorum,
        security);
  }

  public String bootstrapServers() {
    return address.host() + ":" + port;
  }

  /**
   * Writes the configuration with mode 600, and formats the storage if it is empty.
   *
   * @return the argument file that runs the broker: {@code java @file}
   */
  public Path prepare() throws IOException {
    Path configuration = Files.createDirectories(folder.resolve("conf"));
    Path data = Files.createDirectories(folder.resolve("data"));
    Path temporary = Files.createDirectories(folder.resolve("tmp"));
    Path properties = configuration.resolve("server.properties");
    Path logging = configuration.resolve("log4j2.properties");
    Map<String, Object> values = new HashMap<>();
    values.put("node", quorum.node());
    values.put("voters", quorum.voters(address.host(), controllerPort));
    values.put("replication", quorum.replication());
    values.put("in-sync", quorum.inSync());
    values.put("listen", address.bindAddress());
    values.put("host", address.host());
    values.put("port", port);
    values.put("controller-port", controllerPort);
    values.put("published-listener", listener(address.bindAddress(), PUBLISHED_LISTENER_PORT));
    values.put(
        "published-address",
        listener(ServerAddress.LOOPBACK.host(), publishedPort.orElse(PUBLISHED_LISTENER_PORT)));
    values.put("heap", heapMebibytes);
    values.put("max-request", maxRequestBytes);
    values.put("data", data);
    values.put("temporary", temporary);
    values.put("logging", logging);
    String encryption = "server-plain.properties";
    if (security.isPresent()) {
      encryption = "server-tls.properties";
      values.putAll(security.get().templateValues(address.host()));
    }
    PrivateFile.write(
        properties,
        new Template("server.properties").render(values) + new Template(encryption).render(values));
    Files.writeString(logging, new Template("log4j2.properties").render(values));
    ServerClassPath classPath = ServerClassPath.of("kafka");
    Template options = new Template("kafka-jvm.options");
    if (!Files.exists(data.resolve("meta.properties"))) {
      format(configuration.resolve("format.args"), options, values, classPath, properties);
    }
    return ArgumentFile.write(
        configuration.resolve("java.args"),
        options,
        values,
        classPath,
        List.of(MAIN, properties.toString()));
  }

  private String listener(String host, int listenerPort) {
    return publishedPort.isPresent() ? ",PUBLISHED://%s:%d".formatted(host, listenerPort) : "";
  }

  /** Formats the storage. Deletes the argument file afterwards, because it contains passwords. */
  private void format(
      Path arguments,
      Template options,
      Map<String, Object> values,
      ServerClassPath classPath,
      Path properties)
      throws IOException {
    List<String> tool = new ArrayList<>(List.of("kafka.tools.StorageTool", "format"));
    if (quorum.isSingleBroker()) {
      tool.add("--standalone");
    }
    tool.addAll(List.of("-t", quorum.cluster(), "-c", properties.toString()));
    if (security.isPresent()) {
      tool.addAll(security.get().formatArguments());
    }
    try {
      JavaCommand.run(
          ArgumentFile.write(arguments, options, values, classPath, tool),
          folder.resolve("format.log"));
    } finally {
      Files.deleteIfExists(arguments);
    }
  }
}
