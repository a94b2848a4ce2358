package io.foldlog.speed;

import io.foldlog.contract.PipelineException;
import io.foldlog.log.EndOffsets;
import io.foldlog.log.LogLoss;
import io.foldlog.log.LogOffsets;
import io.foldlog.log.LogPosition;
import io.foldlog.log.PartitionPosition;
import io.foldlog.log.PartitionPosition.LastRecord;
import io.foldlog.log.TopicMetadata;
import io.foldlog.runtime.StopSignal;
import io.foldlog.speed.errors.SpeedLayerErrors;
import io.foldlog.speed.meters.DriverMeters;
import io.foldlog.speed.sink.CommitListener;
import io.foldlog.speed.sink.TaskCommit;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Allows a commit of a batch or epoch only if the topic is still the one that the checkpoint is
 * bound to and still holds the records that were read. Tracks the query's progress, and stores the
 * position in the checkpoint. Moves the position past offsets that hold no record, such as those of
 * transaction markers and aborted records. Thread-safe.
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

  private LogPosition position;

  /** For each partition, the high watermark at the check that found the position's leader epoch. */
  private final SortedMap<Integer, Long> checkedUntil;

  /** For each partition, the offset of a record that is known to be in the log. */
  private final SortedMap<Integer, Long> nextRecords = new TreeMap<>();

  private LogOffsets atLastCheck;
  private EndOffsets end;
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
    this.position = start.position();
    this.atLastCheck = position.offsets();
    this.end = start.end();
    this.checkedUntil = new TreeMap<>(end.highWatermarks().byPartition());
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
    EndOffsets checked = awaitUnchangedLog(tasks);
    QueryProgress before = progress();
    QueryProgress after = add(epochId, tasks, checked);
    if (after.read() > before.read()) {
      storePosition();
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

  /**
   * The position that includes the records of the tasks, with the leader epochs of the position
   * before them.
   */
  private synchronized LogPosition positionWith(List<TaskCommit> tasks) {
    LogPosition included = position;
    for (TaskCommit task : tasks) {
      if (task instanceof TaskCommit.Records records) {
        PartitionPosition before = included.byPartition().get(records.partition());
        if (before == null || records.nextOffset() > before.nextOffset()) {
          included =
              included.with(
                  records.partition(),
                  new PartitionPosition(
                      records.nextOffset(),
                      before == null ? null : before.leaderEpoch(),
                      new LastRecord(records.nextOffset() - 1, records.fingerprint())));
        }
      }
    }
    return included;
  }

  private synchronized QueryProgress add(long epochId, List<TaskCommit> tasks, EndOffsets checked) {
    position = positionWith(tasks);
    for (Map.Entry<Integer, PartitionPosition> entry : position.byPartition().entrySet()) {
      int partition = entry.getKey();
      PartitionPosition reached = entry.getValue();
      move(partition, reached.nextOffset(), reached.lastRecord(), checked);
    }
    for (TaskCommit task : tasks) {
      if (task instanceof TaskCommit.Records records) {
        read += records.read();
        written += records.written();
        rejected += records.rejected();
      }
    }
    epoch = OptionalLong.of(epochId);
    commits++;
    return progress();
  }

  /**
   * @param checked the end of the log at a check that found everything before the next offset
   */
  private void move(int partition, long nextOffset, LastRecord last, EndOffsets checked) {
    position =
        position.with(
            partition,
            new PartitionPosition(nextOffset, checked.leaderEpochs().get(partition), last));
    checkedUntil.put(partition, checked.highWatermarks().offset(partition));
  }

  /** Stores the position before Spark's commit. An older position never replaces a newer one. */
  private synchronized void storePosition() {
    try {
      checkpoint.store(position);
    } catch (PipelineException found) {
      throw failure.report(found);
    }
  }

  /** Moves the position of a partition past offsets that are passed over, and stores it. */
  synchronized void moveTo(int partition, long nextOffset) {
    PartitionPosition current = position.byPartition().get(partition);
    if (nextOffset > current.nextOffset()) {
      move(partition, nextOffset, current.lastRecord(), end);
      storePosition();
    }
  }

  /** The end of the log at the last check. */
  synchronized EndOffsets end() {
    return end;
  }

  synchronized QueryProgress progress() {
    return new QueryProgress(epoch, position.offsets(), end, read, written, rejected);
  }

  /** The number of committed batches or epochs, including those without records. */
  synchronized long commits() {
    return commits;
  }

  /** Repeats the check during an outage of Kafka, because a commit requires a successful check. */
  private EndOffsets awaitUnchangedLog(List<TaskCommit> tasks) {
    long start = nanoTime.getAsLong();
    while (true) {
      try {
        return requireHeld(positionWith(tasks));
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
   * holds the records that were committed. If nothing was committed in a partition since the last
   * call, moves its position past offsets without a record.
   *
   * @throws PipelineException state mismatch, if a check fails; usage error, if the topic cannot be
   *     read, for example because it was compacted; unavailable, if Kafka does not answer
   */
  void check() {
    requireUnchangedLog();
    moveToNextRecords(partitionsWithoutProgress());
  }

  /**
   * Moves the position past offsets without a record, after the end of the query, so that the next
   * start does not depend on them.
   */
  void finish() {
    try {
      moveToNextRecords(progress().offsets().byPartition());
    } catch (PipelineException found) {
      LOG.warn("event=position_not_moved reason=\"{}\"", found.getMessage());
    }
  }

  /** As {@link #check}, without moving the position. */
  void requireUnchangedLog() {
    LogPosition committed;
    synchronized (this) {
      committed = position;
    }
    boolean hasNewLeaders;
    EndOffsets current = currentEnd();
    synchronized (this) {
      hasNewLeaders = !current.leaderEpochs().equals(end.leaderEpochs());
    }
    requireEnd(committed, current);
    if (hasNewLeaders) {
      requireNone(log.losses(committed, current));
    }
    setEnd(current);
  }

  /**
   * Checks that the log holds everything before the position, which includes records that were read
   * since the last commit.
   */
  private EndOffsets requireHeld(LogPosition reached) {
    EndOffsets current = currentEnd();
    requireEnd(reached, current);
    boolean hasNewLeaders =
        reached.byPartition().entrySet().stream()
            .anyMatch(
                entry ->
                    !Objects.equals(
                        entry.getValue().leaderEpoch(),
                        current.leaderEpochs().get(entry.getKey())));
    if (hasNewLeaders) {
      requireNone(log.losses(readFromEarlierLeaders(reached), current));
      requireNone(log.losses(lastRecordsOf(reached), current));
    }
    setEnd(current);
    return current;
  }

  /**
   * What was certainly in the log under the position's leader epochs. Records past it may be those
   * of the new leader, which the end of an earlier epoch does not include.
   */
  private synchronized LogPosition readFromEarlierLeaders(LogPosition reached) {
    LogPosition earlier = reached;
    for (Map.Entry<Integer, PartitionPosition> entry : reached.byPartition().entrySet()) {
      long until = checkedUntil.getOrDefault(entry.getKey(), 0L);
      PartitionPosition partition = entry.getValue();
      earlier =
          earlier.with(
              entry.getKey(),
              new PartitionPosition(
                  Math.min(partition.nextOffset(), until), partition.leaderEpoch(), null));
    }
    return earlier;
  }

  private static LogPosition lastRecordsOf(LogPosition reached) {
    LogPosition last = reached;
    for (Map.Entry<Integer, PartitionPosition> entry : reached.byPartition().entrySet()) {
      PartitionPosition partition = entry.getValue();
      last =
          last.with(
              entry.getKey(),
              new PartitionPosition(partition.nextOffset(), null, partition.lastRecord()));
    }
    return last;
  }

  private void requireNone(List<LogLoss> losses) {
    LogLosses.requireNone(losses, checkpoint);
  }

  private EndOffsets currentEnd() {
    checkpoint.requireExists();
    EndOffsets current;
    try {
      current = log.end();
    } catch (PipelineException failed) {
      if (failed.getCause() instanceof UnknownTopicOrPartitionException) {
        throw SpeedLayerErrors.logIsNotReadable(failed.getMessage(), checkpoint.folder(), failed);
      }
      throw failed;
    }
    String topicId = current.offsets().topicId();
    if (!topicId.equals(metadata.topicId())) {
      throw SpeedLayerErrors.topicWasCreatedAgain(
          metadata.topic(), checkpoint.folder(), metadata.topicId(), topicId);
    }
    return current;
  }

  private void requireEnd(LogPosition reached, EndOffsets current) {
    reached
        .byPartition()
        .forEach(
            (partition, known) -> {
              long last = current.highWatermarks().offset(partition);
              if (known.nextOffset() > last) {
                throw SpeedLayerErrors.readRecordsAreGone(
                    partition, last, known.nextOffset() - 1, checkpoint.folder());
              }
            });
  }

  private synchronized void setEnd(EndOffsets current) {
    end = current;
  }

  /** The next offset of each partition in which nothing was committed since the last call. */
  private synchronized SortedMap<Integer, Long> partitionsWithoutProgress() {
    SortedMap<Integer, Long> offsets = new TreeMap<>(position.offsets().byPartition());
    LogOffsets before = atLastCheck;
    atLastCheck = position.offsets();
    offsets
        .entrySet()
        .removeIf(entry -> !entry.getValue().equals(before.byPartition().get(entry.getKey())));
    return offsets;
  }

  private LogOffsets nextRecords(
      SortedMap<Integer, Long> from, SortedMap<Integer, Long> until, EndOffsets checked) {
    LogPosition committed;
    synchronized (this) {
      committed = position;
    }
    try {
      return log.nextRecords(
          new LogOffsets(checked.offsets().logId(), from),
          new LogOffsets(checked.offsets().logId(), until));
    } catch (PipelineException failed) {
      if (failed.kind() != PipelineException.Kind.UNAVAILABLE) {
        requireNone(log.losses(committed, checked));
      }
      throw failed;
    }
  }

  /**
   * Moves the position of the partitions to their next records. Asks the brokers only for
   * partitions that are behind and whose next record is not known.
   */
  private void moveToNextRecords(SortedMap<Integer, Long> partitions) {
    SortedMap<Integer, Long> from = new TreeMap<>(partitions);
    SortedMap<Integer, Long> until = new TreeMap<>();
    EndOffsets checked;
    synchronized (this) {
      checked = end;
      from.entrySet()
          .removeIf(
              entry ->
                  entry.getValue() >= checked.offsets().offset(entry.getKey())
                      || entry.getValue().equals(nextRecords.get(entry.getKey())));
    }
    if (from.isEmpty()) {
      return;
    }
    from.keySet().forEach(partition -> until.put(partition, checked.offsets().offset(partition)));
    LogOffsets found = nextRecords(from, until, checked);
    boolean isMoved = false;
    synchronized (this) {
      for (int partition : from.keySet()) {
        long next = found.offset(partition);
        if (next < until.get(partition)) {
          nextRecords.put(partition, next);
        }
        PartitionPosition current = position.byPartition().get(partition);
        if (next > current.nextOffset()) {
          move(partition, next, current.lastRecord(), checked);
          isMoved = true;
        }
      }
      if (isMoved) {
        storePosition();
      }
    }
  }
}
