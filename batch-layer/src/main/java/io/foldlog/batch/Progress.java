package io.foldlog.batch;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says now and then how far a long step has come: tasks done and begun, records read. */
final class Progress extends SparkListener {

  private static final Logger LOG = LoggerFactory.getLogger(Progress.class);
  private static final long INTERVAL_NANOS = Duration.ofSeconds(10).toNanos();

  private final AtomicInteger tasks = new AtomicInteger();
  private final AtomicInteger done = new AtomicInteger();
  private final AtomicLong records = new AtomicLong();
  private volatile String step = "start";
  private volatile long said = System.nanoTime();

  /** A new step begins. */
  void step(String name) {
    step = name;
    tasks.set(0);
    done.set(0);
    records.set(0);
    said = System.nanoTime();
    LOG.info("step={}", name);
  }

  @Override
  public void onStageSubmitted(SparkListenerStageSubmitted submitted) {
    tasks.addAndGet(submitted.stageInfo().numTasks());
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd ended) {
    int finished = done.incrementAndGet();
    long read =
        ended.taskMetrics() == null
            ? records.get()
            : records.addAndGet(ended.taskMetrics().inputMetrics().recordsRead());
    long now = System.nanoTime();
    if (now - said > INTERVAL_NANOS) {
      said = now;
      LOG.info("step={} tasks={}/{} records_read={}", step, finished, tasks.get(), read);
    }
  }
}
