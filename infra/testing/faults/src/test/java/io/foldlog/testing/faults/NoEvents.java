package io.foldlog.testing.faults;

import io.foldlog.log.LogPlace;
import io.foldlog.speed.Stage;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Records what is no event, now and then, and remembers where the log acknowledged it. */
final class NoEvents implements AutoCloseable {

  private static final long PAUSE_NANOS = 100_000_000L;
  private static final List<String> VALUES =
      List.of(
          "no JSON",
          "{}",
          "[1]",
          "{\"specversion\":\"1.0\",\"id\":\"1\",\"type\":\"user.moved.v1\"}",
          "{\"id\":\"no id\",\"first_name\":\"Ada\"}",
          "{\"id\":");

  private final Queue<LogPlace> places = new ConcurrentLinkedQueue<>();
  private final Stage stage;
  private final String topicId;
  private final Random random;
  private final Thread thread = new Thread(this::run, "no-events");
  private volatile boolean ended;

  NoEvents(Stage stage, String topicId, long seed) {
    this.stage = stage;
    this.topicId = topicId;
    this.random = new Random(seed);
    thread.start();
  }

  private void run() {
    try (Producer<byte[], byte[]> producer = stage.producer()) {
      while (!ended) {
        String value = VALUES.get(random.nextInt(VALUES.size()));
        producer.send(
            new ProducerRecord<>(stage.topic(), null, value.getBytes(StandardCharsets.UTF_8)),
            (metadata, failure) -> {
              if (failure == null) {
                places.add(new LogPlace(topicId, metadata.partition(), metadata.offset()));
              }
            });
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  /** Ends; what was sent and acknowledged stands at these places. */
  List<LogPlace> end() throws InterruptedException {
    ended = true;
    thread.join();
    return List.copyOf(places);
  }

  @Override
  public void close() {
    ended = true;
  }
}
