package io.foldlog.speed;

import io.foldlog.contract.PipelineException;
import io.foldlog.log.EndOffsets;
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
 * Lets a batch or epoch be committed only while the log is still the one that the checkpoint is
 * bound to and holds what was read of it. Keeps the query's progress and, in the checkpoint, the
 * last record that was read of each partition. Safe for use by many threads.
 */
final class CommitGate implements CommitListener {

  private static final Logger LOG = LoggerFactory.getLogger(CommitGate.class);
  private static final Duration PAUSE = Duration.ofMillis(250);

  private final TriggerMode trigger;
  private final Duration outageTimeout;
  private final Checkpoint checkpoint;
  private final ObservedLog log;
  private final TopicMetadata identity;
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
   * @param failure is given what keeps a commit from being made
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
    this.identity = start.log();
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
    if (trigger == TriggerMode.CONTINUOUS && partitions != identity.partitions()) {
      throw failure.report(
          SpeedLayerErrors.partitionsWereAdded(
              identity.topic(), partitions, identity.partitions()));
    }
  }

  @Override
  public void committing(long epochId, List<TaskCommit> tasks) {
    awaitSound();
    QueryProgress before = progress();
    QueryProgress now = add(epochId, tasks);
    if (now.read() > before.read()) {
      remember();
      DriverMeters.Snapshot counted = meters.snapshot();
      LOG.info(
          "event=committed {}={} in={} written={} rejected={} lag={} delay_p50_ms={} delay_p99_ms={}",
          trigger == TriggerMode.CONTINUOUS ? "epoch" : "batch",
          epochId,
          now.read() - before.read(),
          now.written() - before.written(),
          now.rejected() - before.rejected(),
          now.lag(),
          counted.lastMinute().p50Millis(),
          counted.lastMinute().p99Millis());
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

  /** Before Spark's own commit: what it says was read has to be known of. */
  private void remember() {
    try {
      checkpoint.remember(currentTail());
    } catch (PipelineException found) {
      throw failure.report(found);
    }
  }

  private synchronized CheckpointTail currentTail() {
    return new CheckpointTail(tail);
  }

  /** How far the query has come. */
  synchronized QueryProgress progress() {
    return new QueryProgress(
        epoch, new LogOffsets(identity.topicId(), offsets), end, read, written, rejected);
  }

  /** How many batches or epochs were committed, those without records too. */
  synchronized long commits() {
    return commits;
  }

  /** Waits through an outage of Kafka: what cannot be checked is not committed. */
  private void awaitSound() {
    long since = nanoTime.getAsLong();
    while (true) {
      try {
        requireSound();
        return;
      } catch (PipelineException found) {
        boolean outage = found.kind() == PipelineException.Kind.UNAVAILABLE;
        if (!outage || nanoTime.getAsLong() - since > outageTimeout.toNanos()) {
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
   * Asks Kafka once whether the log is still the one that was read, under a checkpoint that is
   * still there.
   *
   * @throws PipelineException state mismatch, when it is not; unavailable, when nobody answers
   */
  void requireSound() {
    checkpoint.requireThere();
    EndOffsets found;
    try {
      found = log.end();
    } catch (PipelineException failed) {
      if (failed.kind() != PipelineException.Kind.USAGE_ERROR) {
        throw failed;
      }
      throw SpeedLayerErrors.logIsNotReadable(failed.getMessage(), checkpoint.folder(), failed);
    }
    LogOffsets ends = found.offsets();
    if (!ends.topicId().equals(identity.topicId())) {
      throw SpeedLayerErrors.topicWasCreatedAgain(
          identity.topic(), checkpoint.folder(), identity.topicId(), ends.topicId());
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
    requireSameTail(found);
    synchronized (this) {
      end = ends;
    }
  }

  /**
   * Under new leaders, looks whether the log still holds what was read last: one that lost its end
   * and was written on since shows nothing by its offsets, and Spark reads on without a word.
   */
  private void requireSameTail(EndOffsets found) {
    synchronized (this) {
      if (found.leaderEpochs().equals(leaderEpochs)) {
        return;
      }
    }
    log.requireSameTail(currentTail(), found.offsets());
    synchronized (this) {
      leaderEpochs = found.leaderEpochs();
    }
  }
}
