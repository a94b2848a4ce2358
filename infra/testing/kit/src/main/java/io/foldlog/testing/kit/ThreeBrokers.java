package io.foldlog.testing.kit;

import io.foldlog.local.servers.FreePort;
import io.foldlog.local.servers.KafkaNode;
import io.foldlog.local.servers.KafkaQuorum;
import io.foldlog.local.servers.KafkaService;
import io.foldlog.local.servers.KafkaSpecification;
import io.foldlog.local.servers.ServerAddress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A Kafka cluster of three brokers, for tests of the fault tier. */
public final class ThreeBrokers implements KafkaService, AutoCloseable {

  private static final List<String> HOSTS = List.of("127.0.0.1", "127.0.0.2", "127.0.0.3");

  private final List<KafkaNode> brokers;

  private ThreeBrokers(List<KafkaNode> brokers) {
    this.brokers = brokers;
  }

  /** Returns the cluster. No broker is started. */
  public static ThreeBrokers in(Path folder) {
    String cluster = UUID.randomUUID().toString();
    int controllerPort = FreePort.next();
    return new ThreeBrokers(
        IntStream.rangeClosed(1, HOSTS.size())
            .mapToObj(number -> specification(folder, cluster, controllerPort, number))
            .map(KafkaNode::new)
            .toList());
  }

  private static KafkaSpecification specification(
      Path folder, String cluster, int controllerPort, int number) {
    String host = HOSTS.get(number - 1);
    return new KafkaSpecification(
        folder.resolve("broker-" + number),
        new ServerAddress(host, host),
        FreePort.next(),
        controllerPort,
        256,
        new KafkaQuorum(number, HOSTS, cluster),
        Optional.empty());
  }

  /** Starts all brokers at the same time. Returns when they accept connections. */
  public ThreeBrokers start() {
    return start(1, 2, 3);
  }

  /**
   * Starts brokers at the same time. Returns when they accept connections, which needs two running
   * brokers.
   *
   * @param numbers from 1 to 3
   */
  public ThreeBrokers start(int... numbers) {
    Arrays.stream(numbers)
        .mapToObj(number -> CompletableFuture.runAsync(broker(number)::start))
        .toList()
        .forEach(CompletableFuture::join);
    return this;
  }

  /**
   * Returns a broker.
   *
   * @param number from 1 to 3
   */
  public KafkaNode broker(int number) {
    return brokers.get(number - 1);
  }

  @Override
  public String bootstrapServers() {
    return brokers.stream().map(KafkaNode::bootstrapServers).collect(Collectors.joining(","));
  }

  @Override
  public void close() {
    brokers.forEach(KafkaNode::close);
  }
}
