package io.foldlog.speed;

import io.foldlog.application.StopSignal;
import io.foldlog.contract.PipelineException;
import io.foldlog.log.Log;
import io.foldlog.log.LogEnd;
import io.foldlog.log.LogIdentity;
import io.foldlog.log.LogOffsets;
import io.foldlog.speed.meters.DriverMeters;
import io.foldlog.speed.sink.CommitListener;
import io.foldlog.speed.sink.TaskCommit;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the running query from the driver: before each commit, and once a second, it makes sure
 * that the log is still the one that the checkpoint is bound to and holds what was read of it; it
 * notices when nothing moves any more; and it keeps the status file. What it finds wrong is its
 * {@link #failure}, for the main to end the query with: an exception alone would not do, because in
 * continuous mode Spark only logs what a commit throws.
 */
final class QueryMonitor implements CommitListener, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(QueryMonitor.class);
  private static final Duration PAUSE = Duration.ofMillis(250);

  private final TriggerMode trigger;
  private final Duration outageLimit;
  private final Duration startLimit;
  private final Checkpoint checkpoint;
  private final Log log;
  private final LogIdentity identity;
  private final StatusFile statusFile;
  private final StopSignal stop;
  private final LongSupplier nanoTime;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "query-monitor");
            thread.setDaemon(true);
            return thread;
          });

  private final SortedMap<Integer, Long> written;
  private final SortedMap<Integer, CheckpointTail.Last> tail;
  private SortedMap<Integer, Integer> leaderEpochs = new TreeMap<>();
  private LogOffsets end;
  private long epoch = -1;
  private long movedNanos;
  private long answeredNanos;
  private volatile PipelineException failure;

  /**
   * @param startLimit how long the first epoch may take, in which Spark and its connections begin
   * @param written up to where the view holds the log
   * @param end where the log ended a moment ago
   * @param nanoTime as {@link System#nanoTime()}
   */
  QueryMonitor(
      SpeedLayerSettings settings,
      Duration startLimit,
      Checkpoint checkpoint,
      Log log,
      LogIdentity identity,
      LogOffsets written,
      LogOffsets end,
      StopSignal stop,
      LongSupplier nanoTime) {
    this.trigger = settings.trigger();
    this.outageLimit = settings.outageLimit();
    this.startLimit = startLimit;
    this.checkpoint = checkpoint;
    this.log = log;
    this.identity = identity;
    this.statusFile = new StatusFile(settings.statusFile(), trigger, identity);
    this.written = new TreeMap<>(LogOffsets.zero(identity).byPartition());
    this.written.putAll(written.byPartition());
    this.tail = new TreeMap<>(checkpoint.tail().byPartition());
    this.end = end;
    this.stop = stop;
    this.nanoTime = nanoTime;
  }

  /**
   * Watches from now on: what came before the query, a cluster's executors say, is not its time.
   */
  void start() {
    synchronized (this) {
      movedNanos = nanoTime.getAsLong();
      answeredNanos = movedNanos;
    }
    timer.scheduleAtFixedRate(this::tick, 0, 1, TimeUnit.SECONDS);
  }

  /** Why the query has to end, once it has to. */
  Optional<PipelineException> failure() {
    return Optional.ofNullable(failure);
  }

  @Override
  public void starting(int partitions) {
    if (trigger == TriggerMode.CONTINUOUS && partitions != identity.partitions()) {
      throw failed(
          PipelineException.unavailable(
              "The topic %s has %d partitions now and had %d at the start: the query ends, to be started again with a task slot for each."
                  .formatted(identity.topic(), partitions, identity.partitions()),
              null));
    }
  }

  @Override
  public void committing(long epochId, List<TaskCommit> tasks) {
    LogOffsets ends = awaitSound();
    long read = 0;
    long wrote = 0;
    long rejected = 0;
    long lag;
    synchronized (this) {
      for (TaskCommit task : tasks) {
        read += task.read();
        wrote += task.written();
        rejected += task.rejected();
        if (task.partition() >= 0) {
          written.merge(task.partition(), task.nextOffset(), Math::max);
          tail.put(
              task.partition(), new CheckpointTail.Last(task.nextOffset() - 1, task.fingerprint()));
        }
      }
      epoch = epochId;
      movedNanos = nanoTime.getAsLong();
      lag = written().recordsUntil(ends);
    }
    if (read > 0) {
      remember();
      DriverMeters.Snapshot meters = DriverMeters.LOCAL.snapshot();
      LOG.info(
          "{}={} in={} written={} rejected={} lag={} delay_p50_ms={} delay_p99_ms={}",
          trigger == TriggerMode.CONTINUOUS ? "epoch" : "batch",
          epochId,
          read,
          wrote,
          rejected,
          lag,
          meters.lastMinute().p50Millis(),
          meters.lastMinute().p99Millis());
    }
  }

  /** Before Spark's own commit: what it says was read has to be known of. */
  private void remember() {
    try {
      checkpoint.remember(new CheckpointTail(tail));
    } catch (PipelineException found) {
      throw failed(found);
    }
  }

  /** Up to where the view holds the log. */
  synchronized LogOffsets written() {
    return new LogOffsets(identity.topicId(), written);
  }

  /** Waits through an outage of Kafka: what cannot be checked is not committed. */
  private LogOffsets awaitSound() {
    long since = nanoTime.getAsLong();
    while (true) {
      try {
        return requireSound();
      } catch (PipelineException found) {
        boolean outage = found.kind() == PipelineException.Kind.UNAVAILABLE;
        if (!outage || nanoTime.getAsLong() - since > outageLimit.toNanos()) {
          throw failed(found);
        }
      }
      try {
        if (failure != null || stop.await(PAUSE)) {
          throw new IllegalStateException("The query ends without this commit");
        }
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("The query ends without this commit", stopped);
      }
    }
  }

  /**
   * Asks Kafka once whether the log is still the one that was read, under a checkpoint that is
   * still there.
   *
   * @return where it ends now
   * @throws PipelineException record changed, when it is not; unavailable, when nobody answers
   */
  LogOffsets requireSound() {
    checkpoint.requireThere();
    LogEnd found;
    try {
      found = log.end();
    } catch (PipelineException failed) {
      if (failed.kind() != PipelineException.Kind.REFUSED) {
        throw failed;
      }
      throw PipelineException.recordChanged(
          "The log cannot be read any more. %s %s"
              .formatted(failed.getMessage(), checkpoint.startAnew()),
          failed);
    }
    LogOffsets ends = found.offsets();
    if (!ends.topicId().equals(identity.topicId())) {
      throw checkpoint.recreated(identity.topic(), identity.topicId(), ends.topicId());
    }
    synchronized (this) {
      written.forEach(
          (partition, next) -> {
            if (next > ends.offset(partition)) {
              throw checkpoint.lost(
                  partition, ends.offset(partition), next - 1, "were read and are gone");
            }
          });
    }
    requireSameTail(found);
    synchronized (this) {
      end = ends;
      answeredNanos = nanoTime.getAsLong();
    }
    return ends;
  }

  /**
   * Under new leaders, looks whether the log still holds what was read last: one that lost its end
   * and was written on since shows nothing by its offsets, and Spark reads on without a word.
   */
  private void requireSameTail(LogEnd found) {
    CheckpointTail read;
    synchronized (this) {
      if (found.leaderEpochs().equals(leaderEpochs)) {
        return;
      }
      read = new CheckpointTail(tail);
    }
    checkpoint.requireSameTail(read, log, log.beginningOffsets(), found.offsets());
    synchronized (this) {
      leaderEpochs = found.leaderEpochs();
    }
  }

  private PipelineException failed(PipelineException found) {
    if (failure == null) {
      failure = found;
    }
    return found;
  }

  private void tick() {
    try {
      requireSound();
    } catch (PipelineException found) {
      if (found.kind() != PipelineException.Kind.UNAVAILABLE || silentTooLong()) {
        failed(found);
      }
    } catch (RuntimeException bug) {
      LOG.warn("The log could not be checked", bug);
    }
    try {
      requireMovement();
      writeStatus("running");
    } catch (RuntimeException bug) {
      LOG.warn("The query could not be watched", bug);
    }
  }

  private synchronized boolean silentTooLong() {
    return nanoTime.getAsLong() - answeredNanos > outageLimit.toNanos();
  }

  /**
   * In continuous mode every second brings a commit, records or none; without one, something that
   * Spark does not report keeps the query from moving. A batch comes only with records, and its
   * writer gives up by itself.
   */
  private synchronized void requireMovement() {
    Duration still = Duration.ofNanos(nanoTime.getAsLong() - movedNanos);
    Duration longest = longestEpoch(epoch < 0, outageLimit, startLimit);
    if (trigger == TriggerMode.CONTINUOUS && still.compareTo(longest) > 0) {
      failed(
          PipelineException.unavailable(
              "No epoch was committed for %d s: Kafka, Cassandra or Spark's executors do not answer. What was not committed is read again at the next start."
                  .formatted(still.toSeconds()),
              null));
    }
  }

  /** How long an epoch may take before it counts as an outage; the first has the start in it. */
  static Duration longestEpoch(boolean first, Duration outageLimit, Duration startLimit) {
    Duration limit = outageLimit.multipliedBy(2);
    return first && startLimit.compareTo(limit) > 0 ? startLimit : limit;
  }

  private void writeStatus(String state) {
    LogOffsets upTo;
    LogOffsets ends;
    long last;
    synchronized (this) {
      upTo = written();
      ends = end;
      last = epoch;
    }
    statusFile.write(state, last, upTo, ends, DriverMeters.LOCAL.snapshot());
  }

  /** Stops watching; the status file says that nothing runs. */
  @Override
  public void close() {
    timer.shutdownNow();
    writeStatus(failure == null ? "stopped" : "failed");
  }
}
