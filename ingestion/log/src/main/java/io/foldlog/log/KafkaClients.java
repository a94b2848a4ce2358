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
 * Creates Kafka clients. All clients follow the rules of the log: consumers read committed records,
 * and producers are idempotent and wait for all in-sync replicas. The user's client properties can
 * set everything else.
 *
 * <p>Immutable and thread-safe. Holds no connection.
 */
public final class KafkaClients {

  private static final Duration DEFAULT_LIMIT = Duration.ofSeconds(30);

  /** Servers do not answer in less time. */
  private static final Duration MIN_LIMIT = Duration.ofMillis(500);

  /** The maximum number of records that a poll of {@link #consumer()} returns. */
  static final int MAX_POLL_RECORDS = FetchSizes.maxPollRecords(Runtime.getRuntime().maxMemory());

  private static final int MAX_PARTITION_FETCH_BYTES = 4 * 1024 * 1024;

  private final Map<String, Object> properties;
  private final Duration limit;
  private final CompletableFuture<Void> stop;

  private KafkaClients(
      Map<String, Object> properties, Duration limit, CompletableFuture<Void> stop) {
    this.properties = Map.copyOf(properties);
    this.limit = limit.compareTo(MIN_LIMIT) < 0 ? MIN_LIMIT : limit;
    this.stop = stop;
  }

  /** Clients without TLS and login. */
  public static KafkaClients to(String bootstrapServers) {
    Properties properties = new Properties();
    properties.setProperty(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    return of(properties);
  }

  /**
   * Clients with these properties, which must include {@code bootstrap.servers}.
   *
   * @throws PipelineException usage error, when the properties enable transactions
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

  /**
   * The same clients with another {@link #limit} and without a stop signal. The default is 30
   * seconds.
   */
  public KafkaClients within(Duration limit) {
    return new KafkaClients(properties, limit, new CompletableFuture<>());
  }

  /**
   * The same clients for an application. Requests are repeated until the limit or until a stop is
   * requested. After a stop, pending requests throw {@link CancellationException} within a second.
   * Later requests, which an orderly shutdown may need, have one attempt of a few seconds.
   *
   * @param limit the limit of every request: the setting {@code runtime.startup-timeout}
   * @param onStop registers an action that runs when a stop is requested
   */
  public KafkaClients within(Duration limit, Consumer<Runnable> onStop) {
    CompletableFuture<Void> stop = new CompletableFuture<>();
    onStop.accept(() -> stop.complete(null));
    return new KafkaClients(properties, limit, stop);
  }

  /** The bootstrap servers, for messages. */
  public String bootstrapServers() {
    return String.valueOf(properties.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG));
  }

  /**
   * The maximum duration of a request with all repetitions. After it the servers count as
   * unavailable.
   */
  public Duration limit() {
    return limit;
  }

  /** Completed when a stop is requested. */
  CompletableFuture<Void> stop() {
    return stop;
  }

  /**
   * Checks that no stop was requested.
   *
   * @param doing as in {@link KafkaErrors#of}
   * @throws CancellationException when a stop was requested
   */
  void requireNotStopped(String doing) {
    if (stop.isDone()) {
      throw new CancellationException("A stop was requested while " + doing);
    }
  }

  /**
   * An admin client for topics and their settings. It does not repeat requests after a timeout; the
   * product uses {@link AdminCalls} for that.
   *
   * @throws PipelineException when the client cannot be created
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

  /**
   * A consumer of committed records, for assigned partitions, without a group. It fails if an
   * offset does not exist any more.
   */
  KafkaConsumer<byte[], byte[]> consumer() {
    return consumer(
        "read_committed",
        Map.of(
            ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
            MAX_POLL_RECORDS,
            ConsumerConfig.FETCH_MAX_BYTES_CONFIG,
            FetchSizes.fetchMaxBytes(Runtime.getRuntime().maxMemory()),
            ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
            MAX_PARTITION_FETCH_BYTES));
  }

  /** As {@link #consumer()}, but a poll returns one record. */
  KafkaConsumer<byte[], byte[]> consumerOfSingleRecords() {
    return consumer("read_committed", Map.of(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1));
  }

  /**
   * As {@link #consumer()}, but a poll returns all records of one batch from the consumer's
   * position on: a broker returns at least one batch, and no second one beyond the limit of one
   * byte.
   */
  KafkaConsumer<byte[], byte[]> consumerOfSingleBatches() {
    return consumer(
        "read_committed",
        Map.of(
            ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
            Integer.MAX_VALUE,
            ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
            1,
            ConsumerConfig.FETCH_MAX_BYTES_CONFIG,
            1));
  }

  /**
   * As {@link #consumer()}, but also of records whose transaction is open or was aborted. It reads
   * single records.
   */
  KafkaConsumer<byte[], byte[]> consumerOfAllRecords() {
    return consumer("read_uncommitted", Map.of(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1));
  }

  private KafkaConsumer<byte[], byte[]> consumer(
      String isolationLevel, Map<String, Object> fetchSizes) {
    Map<String, Object> configuration = new HashMap<>(properties);
    configuration.putAll(fetchSizes);
    configuration.remove(ConsumerConfig.GROUP_ID_CONFIG);
    configuration.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    configuration.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolationLevel);
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
   * @param tuning default properties; the user's properties override them, and the rules of the log
   *     override both
   * @throws PipelineException when the client cannot be created
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
