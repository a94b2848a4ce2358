package io.foldlog.speed;

import io.foldlog.contract.PipelineException;
import io.foldlog.log.EndOffsets;
import io.foldlog.log.LogId;
import io.foldlog.log.LogOffsets;
import io.foldlog.log.TopicMetadata;
import io.foldlog.runtime.StopSignal;
import io.foldlog.speed.errors.SpeedLayerErrors;
import io.foldlog.speed.meters.DriverMeters;
import io.foldlog.speed.sink.CommitListener;
import io.foldlog.speed.sink.TaskCommit;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Allows a commit of a batch or epoch only if the topic is still the one that the checkpoint is
 * bound to and still holds the records that were read. Tracks the query's progress, and stores the
 * last record that was read of each partition in the checkpoint. Thread-safe.
 */
final class CommitGate implements CommitListener {

  private static final Logger LOG = LoggerFactory.getLogger(CommitGate.class);
  private static final Duration PAUSE = Duration.ofMillis(250);

  private final TriggerMode trigger;
  private final Duration outageTimeout;
  private final Checkpoint checkpoint;
  private final ObservedLog log;
  private final TopicMetadata metadata;
  private final DriverMeters meters;
  private final StopSignal stop;
  private final FirstFailure failure;
  private final LongSupplier nanoTime;

  private final SortedMap<Integer, Long> offsets;
  private final SortedMap<Integer, CheckpointTail.Last> tail;
  private SortedMap<Integer, Integer> leaderEpochs = new TreeMap<>();
  private LogOffsets end;
  private OptionalLong epoch = OptionalLong.empty();
  private long commits;
  private long read;
  private long written;
  private long rejected;

  /**
   * @param outageTimeout how long a commit waits for Kafka
   * @param meters for the log line of a commit
   * @param failure receives the failure that prevents a commit
   * @param nanoTime as {@link System#nanoTime()}
   */
  CommitGate(
      TriggerMode trigger,
      Duration outageTimeout,
      Checkpoint checkpoint,
      ObservedLog log,
      StartPosition start,
      DriverMeters meters,
      StopSignal stop,
      FirstFailure failure,
      LongSupplier nanoTime) {
    this.trigger = trigger;
    this.outageTimeout = outageTimeout;
    this.checkpoint = checkpoint;
    this.log = log;
    this.metadata = start.log();
    this.meters = meters;
    this.stop = stop;
    this.failure = failure;
    this.nanoTime = nanoTime;
    this.offsets = new TreeMap<>(LogOffsets.zero(start.log()).byPartition());
    this.offsets.putAll(start.written().byPartition());
    this.tail = new TreeMap<>(start.tail().byPartition());
    this.end = start.end();
  }

  @Override
  public void starting(int partitions) {
    if (trigger == TriggerMode.CONTINUOUS && partitions != metadata.partitions()) {
      throw failure.report(
          SpeedLayerErrors.partitionsWereAdded(
              metadata.topic(), partitions, metadata.partitions()));
    }
  }

  @Override
  public void committing(long epochId, List<TaskCommit> tasks) {
    awaitUnchangedLog();
    QueryProgress before = progress();
    QueryProgress after = add(epochId, tasks);
    if (after.read() > before.read()) {
      storeTail();
      DriverMeters.Snapshot counters = meters.snapshot();
      LOG.info(
          "event=committed {}={} in={} written={} rejected={} lag={} delay_p50_ms={} delay_p99_ms={}",
          trigger == TriggerMode.CONTINUOUS ? "epoch" : "batch",
          epochId,
          after.read() - before.read(),
          after.written() - before.written(),
          after.rejected() - before.rejected(),
          after.lag(),
          counters.lastMinute().p50Millis(),
          counters.lastMinute().p99Millis());
    }
  }

  private synchronized QueryProgress add(long epochId, List<TaskCommit> tasks) {
    for (TaskCommit task : tasks) {
      if (task instanceof TaskCommit.Records records) {
        read += records.read();
        written += records.written();
        rejected += records.rejected();
        offsets.merge(records.partition(), records.nextOffset(), Math::max);
        tail.put(
            records.partition(),
            new CheckpointTail.Last(records.nextOffset() - 1, records.fingerprint()));
      }
    }
    epoch = OptionalLong.of(epochId);
    commits++;
    return progress();
  }

  /** Stores the tail before Spark's commit, so that each committed record can be checked. */
  private void storeTail() {
    try {
      checkpoint.store(currentTail());
    } catch (PipelineException found) {
      throw failure.report(found);
    }
  }

  private synchronized CheckpointTail currentTail() {
    return new CheckpointTail(tail);
  }

  synchronized QueryProgress progress() {
    return new QueryProgress(
        epoch, new LogOffsets(LogId.of(metadata.topicId()), offsets), end, read, written, rejected);
  }

  /** The number of committed batches or epochs, including those without records. */
  synchronized long commits() {
    return commits;
  }

  /** Repeats the check during an outage of Kafka, because a commit requires a successful check. */
  private void awaitUnchangedLog() {
    long start = nanoTime.getAsLong();
    while (true) {
      try {
        requireUnchangedLog();
        return;
      } catch (PipelineException found) {
        boolean isOutage = found.kind() == PipelineException.Kind.UNAVAILABLE;
        if (!isOutage || nanoTime.getAsLong() - start > outageTimeout.toNanos()) {
          throw failure.report(found);
        }
      }
      try {
        if (failure.get().isPresent() || stop.await(PAUSE)) {
          throw new IllegalStateException("The query ends without this commit");
        }
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("The query ends without this commit", stopped);
      }
    }
  }

  /**
   * Checks once that the checkpoint still exists, and that the topic is the bound one and still
   * holds the records that were read.
   *
   * @throws PipelineException state mismatch, if a check fails; unavailable, if Kafka does not
   *     answer
   */
  void requireUnchangedLog() {
    checkpoint.requireExists();
    EndOffsets currentEnd;
    try {
      currentEnd = log.end();
    } catch (PipelineException failed) {
      if (failed.kind() != PipelineException.Kind.USAGE_ERROR) {
        throw failed;
      }
      throw SpeedLayerErrors.logIsNotReadable(failed.getMessage(), checkpoint.folder(), failed);
    }
    LogOffsets ends = currentEnd.offsets();
    if (!ends.topicId().equals(metadata.topicId())) {
      throw SpeedLayerErrors.topicWasCreatedAgain(
          metadata.topic(), checkpoint.folder(), metadata.topicId(), ends.topicId());
    }
    progress()
        .offsets()
        .byPartition()
        .forEach(
            (partition, next) -> {
              if (next > ends.offset(partition)) {
                throw SpeedLayerErrors.readRecordsAreGone(
                    partition, ends.offset(partition), next - 1, checkpoint.folder());
              }
            });
    requireSameTail(currentEnd);
    synchronized (this) {
      end = ends;
    }
  }

  /**
   * After a change of leaders, checks that the log still holds the last records that were read. A
   * log that lost its end and then got new records does not show this by its offsets, and Spark
   * reads on without an error.
   */
  private void requireSameTail(EndOffsets currentEnd) {
    synchronized (this) {
      if (currentEnd.leaderEpochs().equals(leaderEpochs)) {
        return;
      }
    }
    log.requireSameTail(currentTail(), currentEnd.offsets());
    synchronized (this) {
      leaderEpochs = currentEnd.leaderEpochs();
    }
  }
}
