package io.foldlog.speed;

import io.foldlog.contract.TestEventStream;
import io.foldlog.contract.UserEvent;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;

/** Sends events at a steady rate from a thread of its own until it is closed. */
public final class Load implements AutoCloseable {

  private final Stage stage;
  private final Supplier<UserEvent> events;
  private final int perSecond;
  private final AtomicLong sent = new AtomicLong();
  private final Thread thread = new Thread(this::run, "load");
  private volatile boolean ended;

  private Load(Stage stage, Supplier<UserEvent> events, int perSecond) {
    this.stage = stage;
    this.events = events;
    this.perSecond = perSecond;
  }

  public static Load start(Stage stage, TestEventStream events, int perSecond) {
    return start(stage, events::next, perSecond);
  }

  public static Load start(Stage stage, Supplier<UserEvent> events, int perSecond) {
    Load load = new Load(stage, events, perSecond);
    load.thread.start();
    return load;
  }

  private void run() {
    long start = System.nanoTime();
    try (Producer<byte[], byte[]> producer = stage.producer()) {
      while (!ended) {
        long due = (System.nanoTime() - start) * perSecond / 1_000_000_000L;
        while (sent.get() < due && !ended) {
          UserEvent event = events.get();
          producer.send(stage.record(event));
          sent.incrementAndGet();
        }
        LockSupport.parkNanos(10_000_000L);
      }
    }
  }

  public long sent() {
    return sent.get();
  }

  /** Returns when everything sent is in the log. */
  public void stop() throws InterruptedException {
    ended = true;
    thread.join();
  }

  @Override
  public void close() {
    ended = true;
  }
}
