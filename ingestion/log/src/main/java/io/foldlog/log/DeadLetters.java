package io.foldlog.log;

import io.foldlog.contract.PipelineException;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.SimpleRecord;

/**
 * Writes dead letters at least once. The ids of their records identify duplicates. Thread-safe.
 *
 * <p>Sending is asynchronous. Dead letters are durable after {@link #flush} has returned. After a
 * failure every later call in any thread throws it, so that no loss remains unnoticed; close the
 * instance and open another. A record that is too large for the topic is not a failure, because no
 * retry would succeed and the log still holds the record. Its dead letter is sent without key,
 * value and headers.
 */
public final class DeadLetters implements AutoCloseable {

  /**
   * A record may be far larger than the topic's limit, because the limit applies to compressed
   * bytes.
   */
  private static final int MAX_RECORD_BYTES = 64 * 1024 * 1024;

  /** The maximum size of a request that writes dead letters. */
  public static final int MAX_REQUEST_BYTES =
      MAX_RECORD_BYTES + TopicSpecification.DEAD_LETTER_ROOM_BYTES;

  /** The minimum of {@code kafka.max-message-bytes}. A smaller record fits every topic. */
  private static final int SMALL_BYTES = 16 * 1024;

  private final KafkaClients connection;
  private final String topic;
  private final Producer<byte[], byte[]> producer;
  private final AtomicReference<Exception> failure = new AtomicReference<>();
  private final Queue<DeadLetter> tooLarge = new ConcurrentLinkedQueue<>();
  private final AtomicLong sent = new AtomicLong();

  /** The topic's limit, after it was read. */
  private volatile OptionalInt maxMessageBytes = OptionalInt.empty();

  private DeadLetters(KafkaClients connection, String topic) {
    this.connection = connection;
    this.topic = topic;
    this.producer =
        connection.producer(
            Map.of(
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                MAX_REQUEST_BYTES,
                ProducerConfig.BUFFER_MEMORY_CONFIG,
                2L * MAX_RECORD_BYTES,
                ProducerConfig.LINGER_MS_CONFIG,
                0));
  }

  /**
   * Opens the dead letter topic for writing. Sends no request yet.
   *
   * @throws PipelineException when Kafka's client refuses its properties
   */
  public static DeadLetters open(KafkaClients connection, String topic) {
    return new DeadLetters(connection, topic);
  }

  /**
   * Sends a dead letter. Blocks only if the client's buffer is full.
   *
   * @throws PipelineException when this or an earlier dead letter failed
   */
  public void send(DeadLetter deadLetter) {
    throwFailure();
    sendToClient(isTooLarge(deadLetter) ? deadLetter.withoutRecord() : deadLetter);
    sent.incrementAndGet();
  }

  /**
   * Whether the topic would refuse the dead letter. A broker that does not accept a request of that
   * size closes the connection without an error response, and no retry would succeed.
   */
  private boolean isTooLarge(DeadLetter deadLetter) {
    long bytes = deadLetter.record().bytes();
    if (bytes <= SMALL_BYTES || bytes > MAX_RECORD_BYTES) { // the client refuses larger ones
      return false;
    }
    int limit = maxMessageBytes();
    return bytes > limit && compressedBytes(deadLetter) > limit;
  }

  private int maxMessageBytes() {
    if (maxMessageBytes.isEmpty()) {
      try (EventTopic log = EventTopic.open(connection, topic)) {
        maxMessageBytes = OptionalInt.of(log.metadata().maxMessageBytes());
      }
    }
    return maxMessageBytes.getAsInt();
  }

  private static int compressedBytes(DeadLetter deadLetter) {
    SimpleRecord single =
        new SimpleRecord(
            0L,
            deadLetter.record().key(),
            deadLetter.record().value(),
            deadLetter.headers().toArray(Header[]::new));
    return MemoryRecords.withRecords(Compression.zstd().build(), single).sizeInBytes();
  }

  private void sendToClient(DeadLetter deadLetter) {
    try {
      producer.send(
          new ProducerRecord<>(
              topic,
              null,
              null,
              deadLetter.record().key(),
              deadLetter.record().value(),
              deadLetter.headers()),
          (metadata, exception) -> completed(deadLetter, exception));
    } catch (KafkaException thrown) {
      failure.compareAndSet(null, thrown);
      throwFailure();
    }
  }

  /** Called in the client's thread, which must not send. */
  private void completed(DeadLetter deadLetter, Exception exception) {
    if (exception instanceof RecordTooLargeException && deadLetter.omittedBytes() == 0) {
      tooLarge.add(deadLetter.withoutRecord());
    } else if (exception != null) {
      failure.compareAndSet(null, exception);
    }
  }

  /** The number of dead letters that were sent so far, durable or not. */
  public long sent() {
    return sent.get();
  }

  /**
   * Returns when all sent dead letters are durable.
   *
   * @throws PipelineException when a dead letter is not durable
   */
  public void flush() {
    try {
      producer.flush();
      if (!tooLarge.isEmpty()) {
        for (DeadLetter withoutRecord = tooLarge.poll();
            withoutRecord != null;
            withoutRecord = tooLarge.poll()) {
          sendToClient(withoutRecord);
        }
        producer.flush();
      }
    } catch (KafkaException thrown) {
      failure.compareAndSet(null, thrown);
    }
    throwFailure();
  }

  private void throwFailure() {
    Exception first = failure.get();
    if (first != null) {
      throw KafkaErrors.ofSending(connection, topic, "writing to topic " + topic, first);
    }
  }

  /** Discards dead letters that were not flushed. */
  @Override
  public void close() {
    producer.close(Duration.ZERO);
  }

  /**
   * The counts of a dead letter topic.
   *
   * @param deadLetters rejected records, each counted once
   * @param repeats further dead letters of the same records
   * @param others records that are not dead letters of this version
   */
  public record Contents(long deadLetters, long repeats, long others) {}

  /**
   * Passes every dead letter up to the given end offsets to the receiver, each rejected record
   * once. Needs about one bit of memory per record of the log.
   *
   * @throws PipelineException as {@link EventTopic#read} does
   */
  public static Contents read(
      EventTopic deadLetterLog, LogOffsets end, Consumer<DeadLetter> receiver) {
    RecordIdSet seen = new RecordIdSet();
    long[] counts = new long[3];
    deadLetterLog.read(
        deadLetterLog.beginningOffsets(),
        end,
        record ->
            DeadLetter.of(record)
                .ifPresentOrElse(
                    deadLetter -> {
                      if (seen.add(deadLetter.record().id())) {
                        counts[0]++;
                        receiver.accept(deadLetter);
                      } else {
                        counts[1]++;
                      }
                    },
                    () -> counts[2]++));
    return new Contents(counts[0], counts[1], counts[2]);
  }
}
