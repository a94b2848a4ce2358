package io.foldlog.batch;

import java.time.Duration;
import java.util.Arrays;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Spark jobs of one run. A tag separates them from the jobs of other runs in the same context.
 * Their progress is logged, and they can be cancelled. The thread that runs the steps must open and
 * close this object.
 */
final class RunJobs implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RunJobs.class);
  private static final long INTERVAL_NANOS = Duration.ofSeconds(10).toNanos();

  /** The local property in which Spark keeps the tags of a job, separated by commas. */
  private static final String TAGS = "spark.job.tags";

  private final SparkContext context;
  private final String tag = "run-" + UUID.randomUUID();
  private final Progress progress = new Progress();
  private volatile boolean cancelled;
  private boolean closed;

  private RunJobs(SparkContext context) {
    this.context = context;
  }

  /** Tags all jobs that this thread starts until {@link #close}. */
  static RunJobs open(SparkContext context) {
    RunJobs jobs = new RunJobs(context);
    context.addSparkListener(jobs.progress);
    context.addJobTag(jobs.tag);
    return jobs;
  }

  /** Starts a new step: resets and logs the progress. */
  void step(String name) {
    progress.step(name);
  }

  /**
   * Cancels the running jobs, and each later job when it starts. Any thread may call this, also
   * after {@link #close}.
   */
  synchronized void cancel() {
    if (!closed) {
      // set first: the listener cancels a job that starts after cancelJobsWithTag
      cancelled = true;
      context.cancelJobsWithTag(tag);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    context.removeJobTag(tag);
    context.removeSparkListener(progress);
  }

  private boolean isOwn(Properties properties) {
    return properties != null
        && Arrays.asList(properties.getProperty(TAGS, "").split(",")).contains(tag);
  }

  /**
   * Logs the progress of a long step: finished and submitted tasks, and records read. Cancels jobs
   * that start after {@link #cancel}.
   */
  private final class Progress extends SparkListener {

    private final Set<Integer> stages = ConcurrentHashMap.newKeySet();
    private final AtomicInteger tasks = new AtomicInteger();
    private final AtomicInteger finishedTasks = new AtomicInteger();
    private final AtomicLong records = new AtomicLong();
    private volatile String step = "start";
    private volatile long lastLogged = System.nanoTime();

    private void step(String name) {
      step = name;
      tasks.set(0);
      finishedTasks.set(0);
      records.set(0);
      lastLogged = System.nanoTime();
      LOG.info("event=step_started step={}", name);
    }

    @Override
    public void onJobStart(SparkListenerJobStart started) {
      if (cancelled && isOwn(started.properties())) {
        context.cancelJob(started.jobId());
      }
    }

    @Override
    public void onStageSubmitted(SparkListenerStageSubmitted submitted) {
      if (isOwn(submitted.properties())) {
        stages.add(submitted.stageInfo().stageId());
        tasks.addAndGet(submitted.stageInfo().numTasks());
      }
    }

    @Override
    public void onTaskEnd(SparkListenerTaskEnd ended) {
      if (!stages.contains(ended.stageId())) {
        return;
      }
      int finished = finishedTasks.incrementAndGet();
      long read =
          ended.taskMetrics() == null
              ? records.get()
              : records.addAndGet(ended.taskMetrics().inputMetrics().recordsRead());
      long now = System.nanoTime();
      if (now - lastLogged > INTERVAL_NANOS) {
        lastLogged = now;
        LOG.info(
            "event=step_progress step={} tasks={}/{} records_read={}",
            step,
            finished,
            tasks.get(),
            read);
      }
    }
  }
}
