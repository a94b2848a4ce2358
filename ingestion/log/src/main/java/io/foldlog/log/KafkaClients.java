package io.foldlog.log;

import io.foldlog.contract.PipelineException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * How the brokers are reached. Makes clients that keep the log's rules: every reader reads
 * uncommitted, every producer is idempotent and waits for all in-sync replicas. The user's own
 * client properties may tune whatever those rules leave open.
 *
 * <p>Immutable and thread-safe; holds no connection itself.
 */
public final class KafkaClients {

  private static final Duration DEFAULT_LIMIT = Duration.ofSeconds(30);

  /** In less, no server answers. */
  private static final Duration SHORTEST_LIMIT = Duration.ofMillis(500);

  private final Map<String, Object> properties;
  private final Duration limit;
  private final CompletableFuture<Void> stop;

  private KafkaClients(
      Map<String, Object> properties, Duration limit, CompletableFuture<Void> stop) {
    this.properties = Map.copyOf(properties);
    this.limit = limit.compareTo(SHORTEST_LIMIT) < 0 ? SHORTEST_LIMIT : limit;
    this.stop = stop;
  }

  /** A connection without TLS or login. */
  public static KafkaClients to(String bootstrapServers) {
    Properties properties = new Properties();
    properties.setProperty(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    return of(properties);
  }

  /**
   * A connection by a client's properties, {@code bootstrap.servers} among them.
   *
   * @throws PipelineException usage error, when they ask for transactions
   */
  public static KafkaClients of(Properties clientProperties) {
    Map<String, Object> properties = new HashMap<>();
    clientProperties
        .stringPropertyNames()
        .forEach(name -> properties.put(name, clientProperties.getProperty(name)));
    Objects.requireNonNull(
        properties.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG), "bootstrap.servers");
    if (properties.containsKey(ProducerConfig.TRANSACTIONAL_ID_CONFIG)) {
      throw LogErrors.transactionalIdIsSet();
    }
    return new KafkaClients(properties, DEFAULT_LIMIT, new CompletableFuture<>());
  }

  /** The same connection with another {@link #limit}, which nothing cuts short; else 30 seconds. */
  public KafkaClients within(Duration limit) {
    return new KafkaClients(properties, limit, new CompletableFuture<>());
  }

  /**
   * The same connection for an application: its requests are repeated for as long as it waits for
   * servers, and no longer than until it is asked to end. Those that are being made then throw
   * {@link CancellationException} within a second; later ones, which an orderly end may need, are
   * given one attempt of a few seconds.
   *
   * @param limit of every request: the setting {@code runtime.startup-timeout}
   * @param onStop takes the action to run when the application is asked to end
   */
  public KafkaClients within(Duration limit, Consumer<Runnable> onStop) {
    CompletableFuture<Void> stop = new CompletableFuture<>();
    onStop.accept(() -> stop.complete(null));
    return new KafkaClients(properties, limit, stop);
  }

  /** Where clients connect, for messages. */
  public String bootstrapServers() {
    return String.valueOf(properties.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG));
  }

  /**
   * How long a request may take, with all its repetitions, before the servers count as unavailable.
   */
  public Duration limit() {
    return limit;
  }

  /** Completed when nothing is to wait any more. */
  CompletableFuture<Void> stop() {
    return stop;
  }

  /**
   * Makes sure that no stop was requested.
   *
   * @param doing as in {@link KafkaErrors#of}
   * @throws CancellationException when one was
   */
  void requireNotStopped(String doing) {
    if (stop.isDone()) {
      throw new CancellationException("A stop was requested while " + doing);
    }
  }

  /**
   * A client for topics and their settings. It gives up where a repetition may help: the product's
   * own calls go through {@link AdminCalls}.
   *
   * @throws PipelineException when it cannot be made
   */
  public Admin admin() {
    Map<String, Object> configuration = new HashMap<>(properties);
    configuration.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, millis(limit));
    configuration.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, Math.min(10_000, millis(limit)));
    try {
      return Admin.create(configuration);
    } catch (RuntimeException failure) {
      throw KafkaErrors.of(this, "connecting", failure);
    }
  }

  /** A reader of assigned partitions, of no group, that fails where an offset is gone. */
  KafkaConsumer<byte[], byte[]> consumer() {
    Map<String, Object> configuration = new HashMap<>();
    configuration.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5000);
    configuration.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 4 * 1024 * 1024);
    configuration.putAll(properties);
    configuration.remove(ConsumerConfig.GROUP_ID_CONFIG);
    configuration.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    configuration.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_uncommitted");
    configuration.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    configuration.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    configuration.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, millis(limit));
    configuration.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, Math.min(10_000, millis(limit)));
    try {
      return new KafkaConsumer<>(
          configuration, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    } catch (RuntimeException failure) {
      throw KafkaErrors.of(this, "connecting", failure);
    }
  }

  /**
   * A producer: idempotent, acknowledged by all in-sync replicas, zstd.
   *
   * @param tuning properties to start from; the user's own go before them, the log's rules before
   *     both
   * @throws PipelineException when it cannot be made
   */
  public Producer<byte[], byte[]> producer(Map<String, Object> tuning) {
    Map<String, Object> configuration = new HashMap<>();
    configuration.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "zstd");
    configuration.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, (long) millis(limit));
    configuration.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, Math.min(10_000, millis(limit)));
    configuration.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Math.max(20_000, millis(limit)));
    configuration.putAll(tuning);
    configuration.putAll(properties);
    configuration.put(ProducerConfig.ACKS_CONFIG, "all");
    configuration.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    try {
      return new KafkaProducer<>(
          configuration, new ByteArraySerializer(), new ByteArraySerializer());
    } catch (RuntimeException failure) {
      throw KafkaErrors.of(this, "connecting", failure);
    }
  }

  private static int millis(Duration duration) {
    return (int) Math.min(Integer.MAX_VALUE, duration.toMillis());
  }
}
