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
 * Records events in the log: idempotent, in order, acknowledged by all in-sync replicas, a bounded
 * number of bytes on their way. Every send is accounted for in the {@link SendCounters}.
 *
 * <p>The first failure ends it: an event that was not acknowledged, or an acknowledgement whose
 * timestamp and this machine's clock are more than 5 minutes apart, since events are judged by the
 * broker's clock. Its methods are for one thread.
 */
public final class EventProducer {

  /** How far the two clocks may differ. */
  public static final Duration MAX_CLOCK_DIFFERENCE =
      Duration.ofMillis(EventDecoder.MAX_AHEAD_MILLIS);

  private static final int BOUND_BYTES = 16 * 1024 * 1024;
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
  private final Semaphore free = new Semaphore(BOUND_BYTES);
  private final AtomicReference<Failure> failure = new AtomicReference<>();
  private final Map<EventType, AtomicLong> acknowledgedByType = new EnumMap<>(EventType.class);
  private final AtomicLong failed = new AtomicLong();
  private volatile Duration closeLimit = Duration.ZERO;
  private RuntimeException reason;
  private long sent;

  /** What failed first; told apart by who asks, since asking the brokers is for no callback. */
  private record Failure(String doing, Exception exception) {}

  /**
   * Opens the log for writing.
   *
   * @param deliveryTimeout how long an event may take to be acknowledged
   * @throws PipelineException usage error, when the client's properties are
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
      client.partitionsFor(log.topic()); // so that the first send need not wait for it
    } catch (KafkaException thrown) {
      client.close(Duration.ZERO);
      throw KafkaErrors.ofSending(connection, log.topic(), "opening topic " + log.topic(), thrown);
    }
  }

  /**
   * Sends an event; waits while too many bytes are on their way.
   *
   * @return whether it was sent: not, when a stop was requested while waiting
   * @throws PipelineException when this or an earlier event failed
   */
  public boolean send(OutgoingEvent event) throws InterruptedException {
    throwFailure();
    int bytes = Math.min(event.size(), BOUND_BYTES);
    while (!free.tryAcquire(bytes, 100, TimeUnit.MILLISECONDS)) {
      throwFailure();
      if (stop.requested()) {
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
              free.release(bytes);
            }
          });
    } catch (KafkaException thrown) {
      failed.incrementAndGet();
      fail(event, thrown);
    }
    throwFailure();
    return true;
  }

  /** Called once for every event, in the client's thread. */
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
      judgeClocks(sentAt, metadata.timestamp());
    } catch (RuntimeException problem) {
      fail(event, problem);
    }
  }

  private void fail(OutgoingEvent event, Exception exception) {
    failure.compareAndSet(null, new Failure("sending " + event, exception));
  }

  /** The broker's time lies between the sending and the acknowledgement, if the clocks agree. */
  private void judgeClocks(long sentAt, long brokerMillis) {
    if (log.timestampSource() != TimestampSource.LOG_APPEND_TIME) {
      return;
    }
    long most = MAX_CLOCK_DIFFERENCE.toMillis();
    long now = clock.millis();
    if (brokerMillis < sentAt - most || brokerMillis > now + most) {
      throw LogErrors.clocksDiffer(connection.bootstrapServers(), now, brokerMillis);
    }
  }

  private void throwFailure() {
    if (failure.get() != null) {
      throw reason();
    }
  }

  /** Why the first failure happened; found out once, because the brokers may be asked. */
  private RuntimeException reason() {
    if (reason == null) {
      Failure first = failure.get();
      reason =
          first.exception().getClass() == KafkaException.class && !closeLimit.isZero()
              ? LogErrors.notAcknowledgedInTime(
                  connection.bootstrapServers(), closeLimit, first.exception())
              : KafkaErrors.ofSending(connection, log.topic(), first.doing(), first.exception());
    }
    return reason;
  }

  /** How many events were acknowledged up to now. */
  public long acknowledgedSoFar() {
    return acknowledgedByType.values().stream().mapToLong(AtomicLong::get).sum();
  }

  /**
   * Waits for the events on their way and ends; those that take longer than the limit have failed.
   *
   * @return the account of every event
   */
  public SendCounters close(Duration limit) {
    closeLimit = limit;
    client.close(limit);
    Map<EventType, Long> byType = new EnumMap<>(EventType.class);
    acknowledgedByType.forEach((type, count) -> byType.put(type, count.get()));
    return new SendCounters(sent, acknowledgedSoFar(), failed.get(), byType);
  }

  /**
   * The first failure, after {@link #close}, with the count of events that were not acknowledged;
   * empty when every event was, and the clocks agree.
   *
   * @throws RuntimeException the failure itself, when it is a bug
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
