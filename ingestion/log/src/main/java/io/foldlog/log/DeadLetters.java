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
 * Writes dead letters: at least once, told apart by their records' places. Thread-safe.
 *
 * <p>Sending is asynchronous; what was sent is durable once {@link #flush} has returned. After a
 * failure every later call throws it, in whichever thread, so that no letter is lost unnoticed:
 * close the instance and open another. A record that the topic does not take, for its size, is no
 * failure: its letter goes without it, because no retry would cure it and the log holds it.
 */
public final class DeadLetters implements AutoCloseable {

  /** A record may be far larger than the topic's limit, which counts compressed bytes. */
  private static final int LARGEST_BYTES = 64 * 1024 * 1024;

  /** No request that writes dead letters holds more. */
  public static final int MAX_REQUEST_BYTES =
      LARGEST_BYTES + TopicSpecification.DEAD_LETTER_ROOM_BYTES;

  /** The least that {@code kafka.max-message-bytes} may be: what is smaller fits every topic. */
  private static final int SMALL_BYTES = 16 * 1024;

  private final KafkaClients connection;
  private final String topic;
  private final Producer<byte[], byte[]> producer;
  private final AtomicReference<Exception> failure = new AtomicReference<>();
  private final Queue<DeadLetter> tooLarge = new ConcurrentLinkedQueue<>();
  private final AtomicLong sent = new AtomicLong();

  /** The topic's limit, once it was asked for. */
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
                2L * LARGEST_BYTES,
                ProducerConfig.LINGER_MS_CONFIG,
                0));
  }

  /**
   * Opens the dead-letter topic for writing; nothing is asked of it yet.
   *
   * @throws PipelineException when the client's properties are refused
   */
  public static DeadLetters open(KafkaClients connection, String topic) {
    return new DeadLetters(connection, topic);
  }

  /**
   * Sends a letter; blocks only when many are on their way.
   *
   * @throws PipelineException when this or an earlier letter failed
   */
  public void send(DeadLetter letter) {
    throwFailure();
    hand(isTooLarge(letter) ? letter.withoutRecord() : letter);
    sent.incrementAndGet();
  }

  /**
   * Whether the topic would refuse it. A broker that takes no request of that size closes the
   * connection instead of saying so, and no retry would cure that.
   */
  private boolean isTooLarge(DeadLetter letter) {
    long bytes = letter.bytes();
    if (bytes <= SMALL_BYTES || bytes > LARGEST_BYTES) { // the client refuses the latter itself
      return false;
    }
    int limit = maxMessageBytes();
    return bytes > limit && compressedBytes(letter) > limit;
  }

  private int maxMessageBytes() {
    if (maxMessageBytes.isEmpty()) {
      try (EventTopic log = EventTopic.open(connection, topic)) {
        maxMessageBytes = OptionalInt.of(log.identity().maxMessageBytes());
      }
    }
    return maxMessageBytes.getAsInt();
  }

  private static int compressedBytes(DeadLetter letter) {
    SimpleRecord alone =
        new SimpleRecord(
            0L,
            letter.record().key(),
            letter.record().value(),
            letter.headers().toArray(Header[]::new));
    return MemoryRecords.withRecords(Compression.zstd().build(), alone).sizeInBytes();
  }

  private void hand(DeadLetter letter) {
    try {
      producer.send(
          new ProducerRecord<>(
              topic, null, null, letter.record().key(), letter.record().value(), letter.headers()),
          (metadata, exception) -> account(letter, exception));
    } catch (KafkaException thrown) {
      failure.compareAndSet(null, thrown);
      throwFailure();
    }
  }

  /** In the client's thread, which must not be made to send. */
  private void account(DeadLetter letter, Exception exception) {
    if (exception instanceof RecordTooLargeException && letter.leftOutBytes() == 0) {
      tooLarge.add(letter.withoutRecord());
    } else if (exception != null) {
      failure.compareAndSet(null, exception);
    }
  }

  /** How many letters were sent so far, durable or not. */
  public long sent() {
    return sent.get();
  }

  /**
   * Returns when every letter that was sent is durable.
   *
   * @throws PipelineException when any is not
   */
  public void flush() {
    try {
      producer.flush();
      if (!tooLarge.isEmpty()) {
        for (DeadLetter bare = tooLarge.poll(); bare != null; bare = tooLarge.poll()) {
          hand(bare);
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

  /** Gives up what was not flushed. */
  @Override
  public void close() {
    producer.close(Duration.ZERO);
  }

  /**
   * What stands in a dead-letter topic.
   *
   * @param letters the letters that can be read, each record once, however often it was rejected
   * @param repeats further letters of the same records
   * @param others records that are no letters of this version
   */
  public record Contents(long letters, long repeats, long others) {}

  /**
   * Hands every letter up to the given end offsets of the dead-letter topic to the receiver, each
   * rejected record once. Keeps a bit for each record of the log, whatever its size.
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
                    letter -> {
                      if (seen.add(letter.record().id())) {
                        counts[0]++;
                        receiver.accept(letter);
                      } else {
                        counts[1]++;
                      }
                    },
                    () -> counts[2]++));
    return new Contents(counts[0], counts[1], counts[2]);
  }
}
