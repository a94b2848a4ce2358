package io.foldlog.log;

import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.EventEncoder;
import io.foldlog.contract.EventType;
import io.foldlog.contract.PipelineException;
import io.foldlog.contract.TimestampSource;
import io.foldlog.runtime.StopSignal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * Records events in the log: idempotent, in order, acknowledged by all in-sync replicas, with a
 * bounded number of bytes in flight. {@link SendCounters} counts every event.
 *
 * <p>The first failure ends the producer. A failure is an event without acknowledgement, or an
 * acknowledgement whose timestamp differs from this machine's clock by more than 5 minutes, because
 * the layers compare event times with the broker's clock. For one thread.
 */
public final class EventProducer {

  /** The maximum difference between the clocks of this machine and the broker. */
  public static final Duration MAX_CLOCK_DIFFERENCE =
      Duration.ofMillis(EventDecoder.MAX_AHEAD_MILLIS);

  private static final int MAX_BYTES_IN_FLIGHT = 16 * 1024 * 1024;
  private static final long BUFFER_BYTES = 96L * 1024 * 1024;
  private static final int BATCH_BYTES = 64 * 1024;
  private static final Header CONTENT_TYPE =
      new RecordHeader(
          "content-type", EventEncoder.CONTENT_TYPE.getBytes(StandardCharsets.US_ASCII));

  private final KafkaClients connection;
  private final TopicMetadata log;
  private final InstantSource clock;
  private final StopSignal stop;
  private final AckListener listener;
  private final Producer<byte[], byte[]> client;
  private final Semaphore freeBytes = new Semaphore(MAX_BYTES_IN_FLIGHT);
  private final AtomicReference<Failure> failure = new AtomicReference<>();
  private final Map<EventType, AtomicLong> acknowledgedByType = new EnumMap<>(EventType.class);
  private final AtomicLong failed = new AtomicLong();
  private volatile Duration closeTimeout = Duration.ZERO;
  private RuntimeException reason;
  private long sent;

  /**
   * The first failure. The reason is determined later, because a callback must not send requests.
   */
  private record Failure(String doing, Exception exception) {}

  /**
   * Opens the log for writing.
   *
   * @param deliveryTimeout how long an event may take to be acknowledged
   * @throws PipelineException usage error, when Kafka's client refuses its properties or the topic
   *     cannot be used
   */
  public EventProducer(
      KafkaClients connection,
      TopicMetadata log,
      Duration deliveryTimeout,
      InstantSource clock,
      StopSignal stop,
      AckListener listener) {
    this.connection = connection;
    this.log = log;
    this.clock = clock;
    this.stop = stop;
    this.listener = listener;
    for (EventType type : EventType.values()) {
      acknowledgedByType.put(type, new AtomicLong());
    }
    this.client =
        connection.producer(
            Map.of(
                ProducerConfig.LINGER_MS_CONFIG,
                1,
                ProducerConfig.BATCH_SIZE_CONFIG,
                Math.min(BATCH_BYTES, log.maxMessageBytes() / 2),
                ProducerConfig.BUFFER_MEMORY_CONFIG,
                BUFFER_BYTES,
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                log.maxMessageBytes(),
                ProducerConfig.MAX_BLOCK_MS_CONFIG,
                deliveryTimeout.toMillis(),
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                (int) deliveryTimeout.toMillis(),
                ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                (int) Math.min(10_000, deliveryTimeout.toMillis() / 2)));
    try {
      client.partitionsFor(log.topic()); // the first send does not wait for metadata
    } catch (KafkaException thrown) {
      client.close(Duration.ZERO);
      throw KafkaErrors.ofSending(connection, log.topic(), "opening topic " + log.topic(), thrown);
    }
  }

  /**
   * Sends an event. Waits while too many bytes are in flight.
   *
   * @return whether the event was sent; false if a stop was requested during the wait
   * @throws PipelineException when this or an earlier event failed
   */
  public boolean send(OutgoingEvent event) throws InterruptedException {
    throwFailure();
    int bytes = Math.min(event.size(), MAX_BYTES_IN_FLIGHT);
    while (!freeBytes.tryAcquire(bytes, 100, TimeUnit.MILLISECONDS)) {
      throwFailure();
      if (stop.isRequested()) {
        return false;
      }
    }
    long sentAt = clock.millis();
    sent++;
    try {
      client.send(
          new ProducerRecord<>(
              log.topic(), null, null, event.key(), event.value(), List.of(CONTENT_TYPE)),
          (metadata, exception) -> {
            try {
              ended(event, sentAt, metadata, exception);
            } finally {
              freeBytes.release(bytes);
            }
          });
    } catch (KafkaException thrown) {
      failed.incrementAndGet();
      fail(event, thrown);
    }
    throwFailure();
    return true;
  }

  /** Called once per event, in the client's thread. */
  private void ended(
      OutgoingEvent event, long sentAt, RecordMetadata metadata, Exception exception) {
    if (exception != null) {
      failed.incrementAndGet();
      fail(event, exception);
      return;
    }
    acknowledgedByType.get(event.type()).incrementAndGet();
    try {
      listener.acknowledged(event.id(), metadata.partition(), metadata.offset());
      checkClocks(sentAt, metadata.timestamp());
    } catch (RuntimeException problem) {
      fail(event, problem);
    }
  }

  private void fail(OutgoingEvent event, Exception exception) {
    failure.compareAndSet(null, new Failure("sending " + event, exception));
  }

  /** If the clocks agree, the broker's time is between the send and the acknowledgement. */
  private void checkClocks(long sentAt, long brokerMillis) {
    if (log.timestampSource() != TimestampSource.LOG_APPEND_TIME) {
      return;
    }
    long max = MAX_CLOCK_DIFFERENCE.toMillis();
    long now = clock.millis();
    if (brokerMillis < sentAt - max || brokerMillis > now + max) {
      throw LogErrors.clocksDiffer(connection.bootstrapServers(), now, brokerMillis);
    }
  }

  private void throwFailure() {
    if (failure.get() != null) {
      throw reason();
    }
  }

  /**
   * The reason of the first failure. Determined once, because it may need requests to the brokers.
   */
  private RuntimeException reason() {
    if (reason == null) {
      Failure first = failure.get();
      reason =
          first.exception().getClass() == KafkaException.class && !closeTimeout.isZero()
              ? LogErrors.notAcknowledgedInTime(
                  connection.bootstrapServers(), closeTimeout, first.exception())
              : KafkaErrors.ofSending(connection, log.topic(), first.doing(), first.exception());
    }
    return reason;
  }

  /** The number of events that were acknowledged so far. */
  public long acknowledgedSoFar() {
    return acknowledgedByType.values().stream().mapToLong(AtomicLong::get).sum();
  }

  /**
   * Waits for the events in flight and closes the producer. Events without acknowledgement within
   * the timeout count as failed.
   *
   * @return the counters of all events
   */
  public SendCounters close(Duration timeout) {
    closeTimeout = timeout;
    client.close(timeout);
    Map<EventType, Long> byType = new EnumMap<>(EventType.class);
    acknowledgedByType.forEach((type, count) -> byType.put(type, count.get()));
    return new SendCounters(sent, acknowledgedSoFar(), failed.get(), byType);
  }

  /**
   * The first failure, with the number of events that were not acknowledged; empty if all events
   * were acknowledged and the clocks agree. To be called after {@link #close}.
   *
   * @throws RuntimeException the failure itself, if it is an internal error
   */
  public Optional<PipelineException> failure(SendCounters counters) {
    if (failure.get() == null) {
      return Optional.empty();
    }
    if (reason() instanceof PipelineException known) {
      return Optional.of(
          counters.failed() > 0 ? LogErrors.notAcknowledged(counters, log.topic(), known) : known);
    }
    throw reason();
  }
}
