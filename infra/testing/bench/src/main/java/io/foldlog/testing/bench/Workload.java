package io.foldlog.testing.bench;

import io.foldlog.contract.EventEncoder;
import io.foldlog.contract.EventType;
import io.foldlog.contract.InvalidValueException;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserField;
import io.foldlog.log.KafkaClients;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Writes registrations with all fields to a topic. Each event has a different user. */
final class Workload implements AutoCloseable {

  private final String topic;
  private final Producer<byte[], byte[]> producer;
  private final AtomicReference<Exception> failure = new AtomicReference<>();

  Workload(KafkaClients connection, String topic) {
    this.topic = topic;
    this.producer =
        connection.producer(
            Map.of(ProducerConfig.LINGER_MS_CONFIG, 0, ProducerConfig.BATCH_SIZE_CONFIG, 65_536));
  }

  /** The user of an event, by its round and its number in the round. */
  static UUID user(int round, long number) {
    return new UUID(0x4000L | (long) round << 16, 0x8000_0000_0000_0000L | number);
  }

  /** Sends events as fast as the broker accepts them, and waits for all acknowledgements. */
  void backlog(int round, long count) {
    for (long number = 0; number < count; number++) {
      send(round, number);
    }
    flush();
  }

  /** Sends events at a fixed interval from the start, and waits for all acknowledgements. */
  void steady(int round, long count, Instant start, Duration interval) {
    for (long number = 0; number < count; number++) {
      long wait = Instant.now().until(start.plus(interval.multipliedBy(number)), ChronoUnit.NANOS);
      if (wait > 0) {
        LockSupport.parkNanos(wait);
      }
      send(round, number);
    }
    flush();
  }

  private void send(int round, long number) {
    UserEvent event = event(round, number);
    producer.send(
        new ProducerRecord<>(topic, EventEncoder.key(event), EventEncoder.value(event)),
        (metadata, failed) -> {
          if (failed != null) {
            failure.compareAndSet(null, failed);
          }
        });
  }

  private void flush() {
    producer.flush();
    if (failure.get() != null) {
      throw new IllegalStateException("The broker did not accept the workload", failure.get());
    }
  }

  private static UserEvent event(int round, long number) {
    try {
      UserEvent.Builder builder =
          UserEvent.of(
              EventType.REGISTERED,
              user(round, number),
              "urn:foldlog:bench",
              ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()));
      for (UserField field : UserField.data()) {
        switch (field.type()) {
          case TEXT -> builder.text(field, field.columnName() + " of user " + number);
          case TIMESTAMP -> builder.timestamp(field, "1992-02-07T17:56:13.316Z");
          case DOUBLE -> builder.decimal(field, "-34.9050");
          case BIGINT -> throw new IllegalStateException("No event sets " + field);
        }
      }
      return builder.build();
    } catch (InvalidValueException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  @Override
  public void close() {
    producer.close();
  }
}
