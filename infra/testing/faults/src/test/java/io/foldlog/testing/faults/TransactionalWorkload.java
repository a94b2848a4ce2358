package io.foldlog.testing.faults;

import io.foldlog.contract.TestEvents;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserField;
import io.foldlog.speed.TestPipeline;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kafka's own transactional producer as a workload. It commits most transactions and aborts others.
 * In some of them another instance with the same transactional id fences the first one, as after a
 * restart of an application. A transaction can stay open between two phases of the workload, so
 * that archives and restarts fall into it.
 */
final class TransactionalWorkload implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(TransactionalWorkload.class);
  private static final int USERS = 200;
  private static final int FIRST_USER = 700_000;
  private static final long PAUSE_NANOS = 40_000_000L;
  private static final int MAX_EVENTS = 12;

  private enum Ending {
    COMMIT,
    ABORT,
    FENCE
  }

  private final TestPipeline pipeline;
  private final String transactionalId;
  private final Random random;
  private Producer<byte[], byte[]> producer;
  private Thread thread;
  private volatile boolean stopped;
  private boolean isOpen;
  private long committed;
  private long aborted;
  private long fenced;

  TransactionalWorkload(TestPipeline pipeline, String transactionalId, long seed) {
    this.pipeline = pipeline;
    this.transactionalId = transactionalId;
    this.random = new Random(seed);
  }

  /** Starts a phase. Continues the transaction that the last phase left open. */
  void start() {
    stopped = false;
    thread = new Thread(this::run, "transactional-workload");
    thread.start();
  }

  /**
   * Ends a phase. Kafka must answer.
   *
   * @param leaveOpen whether the last transaction stays open; its records are in the log
   */
  void stop(boolean leaveOpen) throws InterruptedException {
    stopped = true;
    thread.join();
    retry(
        () -> {
          if (leaveOpen) {
            begin();
            sendEvents();
          } else if (isOpen) {
            end(Ending.COMMIT);
          }
        });
  }

  /** The transactions so far, for the report. */
  String summary() {
    return "transactions=%d/%d/%d%s"
        .formatted(committed, aborted, fenced, isOpen ? " and one open" : "");
  }

  private void run() {
    while (!stopped) {
      retry(
          () -> {
            begin();
            sendEvents();
            int choice = random.nextInt(10);
            end(choice < 6 ? Ending.COMMIT : choice < 9 ? Ending.ABORT : Ending.FENCE);
          });
    }
  }

  /**
   * After a failure another instance aborts the open transaction, and the next try is a new one.
   */
  private void retry(Runnable transaction) {
    while (true) {
      try {
        transaction.run();
        return;
      } catch (KafkaException failure) {
        LOG.info("event=transaction_failed reason=\"{}\"", failure.toString());
        close();
        if (stopped && thread == Thread.currentThread()) {
          return;
        }
      }
    }
  }

  private void begin() {
    if (producer == null) {
      producer = pipeline.transactionalProducerWithId(transactionalId);
    }
    if (!isOpen) {
      producer.beginTransaction();
      isOpen = true;
    }
  }

  private void sendEvents() {
    int events = 1 + random.nextInt(MAX_EVENTS);
    for (int event = 0; event < events; event++) {
      producer.send(pipeline.record(event()));
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    producer.flush();
  }

  private UserEvent event() {
    var user = TestEvents.user(FIRST_USER + random.nextInt(USERS));
    long time = TestEvents.now();
    return random.nextInt(8) == 0
        ? TestEvents.deleted(user, time)
        : TestEvents.registered(user, time)
            .set(UserField.CITY, "city " + random.nextInt(1_000))
            .build();
  }

  private void end(Ending ending) {
    switch (ending) {
      case COMMIT -> {
        producer.commitTransaction();
        committed++;
      }
      case ABORT -> {
        producer.abortTransaction();
        aborted++;
      }
      case FENCE -> {
        // the open transaction of the first instance is aborted
        Producer<byte[], byte[]> first = producer;
        producer = pipeline.transactionalProducerWithId(transactionalId);
        first.close(Duration.ZERO);
        fenced++;
      }
    }
    isOpen = false;
  }

  @Override
  public void close() {
    isOpen = false;
    if (producer != null) {
      producer.close(Duration.ZERO);
      producer = null;
    }
  }
}
