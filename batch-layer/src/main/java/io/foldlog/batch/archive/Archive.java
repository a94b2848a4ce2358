package io.foldlog.batch.archive;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.to_date;

import io.foldlog.batch.errors.BatchLayerErrors;
import io.foldlog.batch.faultpoint.FaultPoints;
import io.foldlog.batch.lake.CommitMetadata;
import io.foldlog.batch.lake.Lake;
import io.foldlog.batch.lake.LakeTable;
import io.foldlog.contract.PipelineException;
import io.foldlog.lake.EventColumns;
import io.foldlog.log.EndOffsets;
import io.foldlog.log.EventTopic;
import io.foldlog.log.HeldBackRecords;
import io.foldlog.log.LogId;
import io.foldlog.log.LogLoss;
import io.foldlog.log.LogOffsets;
import io.foldlog.log.PoisonRecords;
import io.foldlog.log.TopicMetadata;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends the log to the table {@code events}, up to the last stable offsets when the run starts.
 * Each committed record is stored once and unchanged, in one append. A run that was interrupted can
 * be repeated: the table is then the same as without the interruption.
 */
public final class Archive {

  /** The Delta transaction application id. Delta skips an append whose version it has committed. */
  private static final String TRANSACTION = "foldlog-archive";

  private static final Logger LOG = LoggerFactory.getLogger(Archive.class);
  private static final int MAX_ATTEMPTS = 5;
  private static final String DOING = "the records of the log were archived";

  private final Lake lake;
  private final EventTopic log;
  private TopicReader reader;
  private final String run;
  private final InstantSource clock;
  private final FaultPoints faultPoints;

  /**
   * An archive run.
   *
   * @param log of which the run passes over skipped records
   * @param kafka the Kafka client properties
   * @param clock by which the age of open transactions is measured
   */
  public Archive(
      Lake lake,
      EventTopic log,
      Properties kafka,
      String run,
      InstantSource clock,
      FaultPoints faultPoints) {
    this.lake = Objects.requireNonNull(lake);
    this.log = Objects.requireNonNull(log);
    this.reader = TopicReader.of(log.topic(), kafka, log.skipped());
    this.run = Objects.requireNonNull(run);
    this.clock = Objects.requireNonNull(clock);
    this.faultPoints = Objects.requireNonNull(faultPoints);
  }

  /**
   * Runs the step.
   *
   * @throws PipelineException state mismatch, before anything is written, when the log is not the
   *     one that was archived
   */
  public ArchiveFigures run(ArchiveOptions options) {
    TopicMetadata identity = log.metadata();
    LogOffsets begin = log.beginningOffsets();
    EndOffsets end = log.end();
    requireOneTopic(identity, begin, end);
    try {
      return run(options, begin, end);
    } catch (Exception | OutOfMemoryError failure) { // Spark throws undeclared checked exceptions
      if (BatchLayerErrors.heapIsTooSmall(failure, DOING).isEmpty()) {
        throw failure;
      }
      LOG.warn(
          "event=heap_exceeded reason=\"{}\" action=\"archives again, with one record of each poll in memory\"",
          failure.toString());
    }
    reader = reader.oneByOne();
    try {
      return run(options, begin, end);
    } catch (Exception | OutOfMemoryError failure) { // as above
      Optional<PipelineException> heap = BatchLayerErrors.heapIsTooSmall(failure, DOING);
      if (heap.isPresent()) {
        throw named(heap.get(), begin, end);
      }
      throw failure;
    }
  }

  private ArchiveFigures run(ArchiveOptions options, LogOffsets begin, EndOffsets end) {
    LakeTable events = lake.events();
    HeldBackRecords.Summary heldBack = log.heldBack(end, clock.instant()).warned(clock.instant());
    Optional<Long> removed = Optional.empty();
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      ArchivePlan plan = new ArchivePlanner(events, log, run, options).plan(begin, end);
      if (removed.isEmpty() && plan.uncompared().isPresent()) {
        removed =
            Optional.of(
                new AbortedRecords(lake, reader, run)
                    .remove(plan.before(), plan.uncompared().get(), begin, end));
        if (removed.get() > 0) {
          faultPoints.reach("archive.aborted-removed");
          continue;
        }
      }
      long removedAborted = removed.orElse(0L);
      faultPoints.reach("archive.planned");
      if (!plan.hasChanges()) {
        long version = events.create(plan.after()).latestVersion().orElseThrow();
        return figures(plan, version, 0, removedAborted, heldBack);
      }
      Optional<Long> version = append(events, plan);
      if (version.isPresent()) {
        faultPoints.reach("archive.appended");
        return figures(
            plan, version.get(), appended(events, version.get()), removedAborted, heldBack);
      }
    }
    throw BatchLayerErrors.tableKeepsChanging(events.path(), MAX_ATTEMPTS);
  }

  private void requireOneTopic(TopicMetadata identity, LogOffsets begin, EndOffsets end) {
    if (!identity.topicId().equals(begin.topicId())
        || !identity.topicId().equals(end.offsets().topicId())) {
      throw BatchLayerErrors.topicWasCreatedAgainDuringArchive(log.topic());
    }
  }

  /** Returns the version of the commit. Empty if another writer's commit came before it. */
  private Optional<Long> append(LakeTable events, ArchivePlan plan) {
    long before = events.create(plan.before()).latestVersion().orElseThrow();
    events
        .writer(records(plan), plan.after())
        .option("txnAppId", TRANSACTION)
        .option("txnVersion", plan.after().transaction())
        .mode("append")
        .save(events.path());
    long version = events.latestVersion().orElseThrow();
    Optional<CommitMetadata> committed = events.metadata(version);
    if (version == before || committed.isEmpty() || !committed.get().equals(plan.after())) {
      return Optional.empty();
    }
    try {
      requireUnchanged(plan);
    } catch (PipelineException failure) {
      if (failure.kind() != PipelineException.Kind.UNAVAILABLE) {
        CommitMetadata restored = plan.before().afterTransaction(plan.after().transaction());
        events.withMetadata(restored, () -> events.delta().restoreToVersion(before));
      }
      throw failure;
    }
    return Optional.of(version);
  }

  /** A failure for lack of heap, with the name of the record if it is known. */
  private PipelineException named(PipelineException failure, LogOffsets begin, EndOffsets end) {
    CommitMetadata archived = lake.events().metadata();
    SortedMap<Integer, Long> from = new TreeMap<>(begin.byPartition());
    if (!archived.logId().isEmpty()
        && LogId.parse(archived.logId()).topicId().equals(begin.topicId())) {
      from.replaceAll(
          (partition, first) ->
              Math.max(first, archived.offsets().offset(archived.logId(), partition)));
    }
    long heap = Runtime.getRuntime().maxMemory();
    return new PoisonRecords(log, lake.exhaustedAt())
        .secondEndAt(new LogOffsets(begin.logId(), from), end.offsets(), heap)
        .map(record -> BatchLayerErrors.recordExceedsHeap(record, heap >> 20, failure))
        .orElse(failure);
  }

  private static long appended(LakeTable events, long version) {
    return events.metric(version, "numOutputRows").orElse(0L);
  }

  /**
   * The log must still hold what was read. A log that lost its end while it was read would leave
   * records of both contents in the append.
   */
  private void requireUnchanged(ArchivePlan plan) {
    EndOffsets end = log.end();
    for (LogLoss loss : log.losses(plan.reached(), log.beginningOffsets(), end)) {
      if (loss.type() != LogLoss.Type.UNREAD_RECORDS_DELETED) {
        throw BatchLayerErrors.logChangedDuringArchive(
            log.topic(), loss.partition(), loss.from(), loss.until() - 1);
      }
    }
  }

  private Dataset<Row> records(ArchivePlan plan) {
    if (plan.offsets() == 0) {
      return lake.spark().createDataFrame(List.of(), lake.events().schema());
    }
    return reader
        .read(lake.spark(), plan.from(), plan.until())
        .select(
            lit(plan.after().logId()).as(EventColumns.TOPIC_ID),
            col("partition").as(EventColumns.PARTITION),
            col("offset").as(EventColumns.OFFSET),
            col("timestamp").as(EventColumns.TIMESTAMP),
            col("timestampType").as(EventColumns.TIMESTAMP_TYPE),
            col("key").as(EventColumns.KEY),
            col("value").as(EventColumns.VALUE),
            col("headers").as(EventColumns.HEADERS),
            to_date(col("timestamp")).as(EventColumns.DAY));
  }

  private static ArchiveFigures figures(
      ArchivePlan plan,
      long version,
      long records,
      long removedAborted,
      HeldBackRecords.Summary heldBack) {
    return new ArchiveFigures(
        records,
        plan.offsets() - records,
        removedAborted,
        plan.from().toString(),
        plan.until().toString(),
        heldBack,
        plan.after().logId(),
        version,
        plan.newGaps());
  }
}
