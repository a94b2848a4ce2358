package io.foldlog.testing.faults;

import io.foldlog.log.LogId;
import io.foldlog.log.RecordId;
import io.foldlog.speed.TestPipeline;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Sends an invalid record every 100 ms and stores the ids of the acknowledged ones. */
final class InvalidRecordProducer implements AutoCloseable {

  private static final long PAUSE_NANOS = 100_000_000L;
  private static final List<String> VALUES =
      List.of(
          "no JSON",
          "{}",
          "[1]",
          "{\"specversion\":\"1.0\",\"id\":\"1\",\"type\":\"user.moved.v1\"}",
          "{\"id\":\"no id\",\"first_name\":\"Ada\"}",
          "{\"id\":");

  private final Queue<RecordId> acknowledged = new ConcurrentLinkedQueue<>();
  private final TestPipeline pipeline;
  private final LogId logId;
  private final Random random;
  private final Thread thread = new Thread(this::run, "invalid-records");
  private volatile boolean stopped;

  InvalidRecordProducer(TestPipeline pipeline, LogId logId, long seed) {
    this.pipeline = pipeline;
    this.logId = logId;
    this.random = new Random(seed);
    thread.start();
  }

  private void run() {
    try (Producer<byte[], byte[]> producer = pipeline.producer()) {
      while (!stopped) {
        String value = VALUES.get(random.nextInt(VALUES.size()));
        producer.send(
            new ProducerRecord<>(pipeline.topic(), null, value.getBytes(StandardCharsets.UTF_8)),
            (metadata, failure) -> {
              if (failure == null) {
                acknowledged.add(new RecordId(logId, metadata.partition(), metadata.offset()));
              }
            });
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  /** Stops sending. Returns the ids of all acknowledged records. */
  List<RecordId> stop() throws InterruptedException {
    stopped = true;
    thread.join();
    return List.copyOf(acknowledged);
  }

  @Override
  public void close() {
    stopped = true;
  }
}
