package io.foldlog.speed;

import io.foldlog.contract.TestEventStream;
import io.foldlog.contract.UserEvent;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;

/** Sends events at a constant rate in a separate thread until it is closed. */
public final class Workload implements AutoCloseable {

  private final TestPipeline pipeline;
  private final Supplier<UserEvent> events;
  private final int perSecond;
  private final AtomicLong sent = new AtomicLong();
  private final Thread thread = new Thread(this::run, "workload");
  private volatile boolean ended;

  private Workload(TestPipeline pipeline, Supplier<UserEvent> events, int perSecond) {
    this.pipeline = pipeline;
    this.events = events;
    this.perSecond = perSecond;
  }

  public static Workload start(TestPipeline pipeline, TestEventStream events, int perSecond) {
    return start(pipeline, events::next, perSecond);
  }

  public static Workload start(TestPipeline pipeline, Supplier<UserEvent> events, int perSecond) {
    Workload workload = new Workload(pipeline, events, perSecond);
    workload.thread.start();
    return workload;
  }

  private void run() {
    long start = System.nanoTime();
    try (Producer<byte[], byte[]> producer = pipeline.producer()) {
      while (!ended) {
        long due = (System.nanoTime() - start) * perSecond / 1_000_000_000L;
        while (sent.get() < due && !ended) {
          UserEvent event = events.get();
          producer.send(pipeline.record(event));
          sent.incrementAndGet();
        }
        LockSupport.parkNanos(10_000_000L);
      }
    }
  }

  public long sent() {
    return sent.get();
  }

  /** Stops the workload; returns when all sent events are in the log. */
  public void stop() throws InterruptedException {
    ended = true;
    thread.join();
  }

  @Override
  public void close() {
    ended = true;
  }
}
