package io.foldlog.batch.archive;

import io.foldlog.batch.archive.ArchiveOptions.Acceptance;
import io.foldlog.batch.errors.BatchLayerErrors;
import io.foldlog.batch.lake.AcceptedGap;
import io.foldlog.batch.lake.CommitMetadata;
import io.foldlog.batch.lake.LakeOffsets;
import io.foldlog.batch.lake.LakeTable;
import io.foldlog.contract.PipelineException;
import io.foldlog.lake.EventColumns;
import io.foldlog.log.EndOffsets;
import io.foldlog.log.EventTopic;
import io.foldlog.log.LogId;
import io.foldlog.log.LogLoss;
import io.foldlog.log.LogOffsets;
import io.foldlog.log.LogPosition;
import io.foldlog.log.LogRecord;
import io.foldlog.log.PartitionPosition;
import io.foldlog.log.PartitionPosition.LastRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/** Determines the records to archive. Rejects a log that is not the one that was archived. */
final class ArchivePlanner {

  private final LakeTable events;
  private final EventTopic log;
  private final String run;
  private final ArchiveOptions options;

  ArchivePlanner(LakeTable events, EventTopic log, String run, ArchiveOptions options) {
    this.events = events;
    this.log = log;
    this.run = run;
    this.options = options;
  }

  /**
   * Plans an append up to the last stable offsets.
   *
   * @param begin the current beginning of the topic
   * @param end the current end of the topic
   * @throws PipelineException state mismatch; the message names the command that continues
   */
  ArchivePlan plan(LogOffsets begin, EndOffsets end) {
    CommitMetadata before = events.metadata();
    Rows rows = rows();
    LakeOffsets ends = rows.ends();
    requireRowsMatchCommits(before, ends);
    String topicId = begin.topicId();
    LogId logId = lastLogOf(topicId, before);
    List<AcceptedGap> newGaps = new ArrayList<>();
    List<AcceptedGap> gaps = new ArrayList<>(before.gaps());
    if (!before.logId().isEmpty() && !LogId.parse(before.logId()).topicId().equals(topicId)) {
      requireNewTopicAccepted(before, topicId);
      newGaps.addAll(
          openGaps(
              before, ends, LogId.parse(before.logId()), AcceptedGap.Kind.NEW_TOPIC, all -> true));
    }
    LogPosition position = position(before, ends, logId);
    List<LogLoss> replacements = replacements(position, begin, end, before);
    if (!replacements.isEmpty() || isReplaced(before, logId)) {
      LogId replaced = logId;
      List<AcceptedGap> atPosition =
          before.gaps().stream().filter(gap -> isReplacementAt(position, gap)).toList();
      gaps.removeAll(atPosition);
      newGaps.addAll(
          openGaps(
              before,
              ends,
              replaced,
              AcceptedGap.Kind.DIFFERING,
              partition ->
                  !replacements.isEmpty()
                      || atPosition.stream().anyMatch(gap -> gap.partition() == partition)));
      logId = replaced.next();
    }
    boolean isNewLog = !logId.equals(position.logId());
    LogPosition known = isNewLog ? LogPosition.none(logId) : position;
    ArchivedTail tail = new ArchivedTail(events, ends.of(logId.toString()));
    SortedMap<Integer, Long> from = new TreeMap<>();
    SortedMap<Integer, Long> until = new TreeMap<>();
    for (int partition : end.offsets().byPartition().keySet()) {
      long next = known.offsets().offset(partition);
      long first = begin.offset(partition);
      // what a replaced log no longer holds is archived under its former id
      if (first > next && !isNewLog) {
        newGaps.add(retentionGap(logId, tail, partition, next, first));
      }
      from.put(partition, Math.max(next, first));
      until.put(partition, Math.max(from.get(partition), end.offsets().offset(partition)));
    }
    LogOffsets start = new LogOffsets(logId, from);
    LogPosition reached = reached(known, start, new LogOffsets(logId, until), end);
    gaps.addAll(newGaps);
    return new ArchivePlan(
        start,
        reached,
        before,
        before.archived(run, reached, gaps, rows.count()),
        uncompared(before, position, replacements),
        newGaps);
  }

  /** Empty also if the log was replaced: what it holds now says nothing of the archived records. */
  private static Optional<LogId> uncompared(
      CommitMetadata before, LogPosition position, List<LogLoss> replacements) {
    return before.position(position.logId()).isEmpty()
            && !position.byPartition().isEmpty()
            && replacements.isEmpty()
        ? Optional.of(position.logId())
        : Optional.empty();
  }

  /** The log of the topic that was archived last. */
  private static LogId lastLogOf(String topicId, CommitMetadata before) {
    return before.offsets().byLog().keySet().stream()
        .map(LogId::parse)
        .filter(log -> log.topicId().equals(topicId))
        .max(Comparator.comparingInt(LogId::replacements))
        .orElse(LogId.of(topicId));
  }

  /** The position after the last row of each partition, and the last record before it. */
  private LogPosition position(CommitMetadata before, LakeOffsets ends, LogId logId) {
    return before
        .position(logId)
        .orElseGet(
            () -> {
              ArchivedTail tail = new ArchivedTail(events, ends.of(logId.toString()));
              SortedMap<Integer, PartitionPosition> positions = new TreeMap<>();
              before
                  .offsets()
                  .of(logId.toString())
                  .byPartition()
                  .forEach(
                      (partition, next) ->
                          positions.put(
                              partition,
                              new PartitionPosition(next, null, tail.lastRecord(partition))));
              return new LogPosition(logId, positions);
            });
  }

  private LogPosition reached(
      LogPosition known, LogOffsets from, LogOffsets until, EndOffsets end) {
    SortedMap<Integer, LogRecord> last = log.lastRecords(from, until);
    LogPosition reached = known;
    for (Map.Entry<Integer, Long> partition : until.byPartition().entrySet()) {
      int number = partition.getKey();
      PartitionPosition before =
          known.byPartition().getOrDefault(number, new PartitionPosition(0, null, null));
      if (before.nextOffset() < partition.getValue() || !known.byPartition().containsKey(number)) {
        LogRecord record = last.get(number);
        reached =
            reached.with(
                number,
                new PartitionPosition(
                    partition.getValue(),
                    end.leaderEpochs().get(number),
                    record == null
                        ? before.lastRecord()
                        : new LastRecord(record.offset(), record.fingerprint())));
      }
    }
    return reached;
  }

  /** The last row of each partition must be the last record of the position. */
  private void requireRowsMatchCommits(CommitMetadata recorded, LakeOffsets found) {
    boolean isConsistent = found.isWithin(recorded.offsets());
    for (String log : recorded.offsets().byLog().keySet()) {
      for (Map.Entry<Integer, Long> partition : recorded.offsets().byLog().get(log).entrySet()) {
        isConsistent &= isLastRow(recorded, log, partition, found.offset(log, partition.getKey()));
      }
    }
    if (!isConsistent) {
      throw BatchLayerErrors.archiveDiffersFromItsCommits(
          events.path(), found.toString(), recorded.offsets().toString());
    }
  }

  /**
   * The rows of the table.
   *
   * @param ends the offsets after the last rows
   */
  private record Rows(LakeOffsets ends, long count) {}

  private Rows rows() {
    LakeOffsets ends = LakeOffsets.NONE;
    long count = 0;
    List<Row> partitions =
        events
            .read()
            .groupBy(EventColumns.TOPIC_ID, EventColumns.PARTITION)
            .agg(functions.max(EventColumns.OFFSET).plus(1), functions.count(functions.lit(1)))
            .collectAsList();
    for (Row row : partitions) {
      ends =
          ends.with(
              new LogOffsets(
                  LogId.parse(row.getString(0)),
                  new TreeMap<>(Map.of(row.getInt(1), row.getLong(2)))));
      count += row.getLong(3);
    }
    return new Rows(ends, count);
  }

  /**
   * Whether the last row has the offset of the commit metadata. In archives of earlier releases,
   * which hold a row for each offset, accepted gaps may follow it.
   *
   * @param end the offset after the last row
   */
  private static boolean isLastRow(
      CommitMetadata recorded, String log, Map.Entry<Integer, Long> partition, long end) {
    return recorded
        .position(LogId.parse(log))
        .map(position -> position.byPartition().get(partition.getKey()))
        .map(position -> end == position.last().map(last -> last.offset() + 1).orElse(0L))
        .orElseGet(
            () ->
                end == partition.getValue()
                    || recorded.gaps().stream()
                        .anyMatch(
                            gap ->
                                gap.topicId().equals(log)
                                    && gap.partition() == partition.getKey()
                                    && gap.from() <= end
                                    && gap.endsAt(partition.getValue())));
  }

  private void requireNewTopicAccepted(CommitMetadata before, String topicId) {
    if (!options.accepts(Acceptance.NEW_TOPIC)) {
      throw BatchLayerErrors.archiveOfAnotherTopic(
          log.topic(), events.path(), LogId.parse(before.logId()).topicId(), topicId);
    }
  }

  /** A gap after the position of each partition. Its end is unknown. */
  private List<AcceptedGap> openGaps(
      CommitMetadata before,
      LakeOffsets ends,
      LogId replaced,
      AcceptedGap.Kind kind,
      IntPredicate partitions) {
    ArchivedTail tail = new ArchivedTail(events, ends.of(replaced.toString()));
    List<AcceptedGap> gaps = new ArrayList<>();
    before
        .offsets()
        .of(replaced.toString())
        .byPartition()
        .forEach(
            (partition, position) -> {
              if (partitions.test(partition)) {
                gaps.add(
                    new AcceptedGap(
                        replaced.toString(),
                        partition,
                        position,
                        OptionalLong.empty(),
                        tail.timestampMillis(partition),
                        kind,
                        run));
              }
            });
    return gaps;
  }

  private AcceptedGap retentionGap(
      LogId logId, ArchivedTail tail, int partition, long position, long first) {
    if (!options.accepts(Acceptance.GAP)) {
      throw BatchLayerErrors.unarchivedRecordsAreDeleted(
          log.topic(), partition, position, first - 1);
    }
    return new AcceptedGap(
        logId.toString(),
        partition,
        position,
        OptionalLong.of(first),
        tail.timestampMillis(partition),
        AcceptedGap.Kind.RETENTION,
        run);
  }

  /**
   * Finds where the log no longer holds what was archived.
   *
   * @throws PipelineException state mismatch, unless this is accepted
   */
  private List<LogLoss> replacements(
      LogPosition position, LogOffsets begin, EndOffsets end, CommitMetadata before) {
    List<LogLoss> found =
        log.losses(position, begin, end).stream()
            .filter(loss -> loss.type() != LogLoss.Type.UNREAD_RECORDS_DELETED)
            .filter(loss -> !isAccepted(before, position, loss.partition()))
            .toList();
    if (!found.isEmpty() && !options.accepts(Acceptance.GAP)) {
      throw failure(found.get(0), end);
    }
    return found;
  }

  private PipelineException failure(LogLoss loss, EndOffsets end) {
    long last = loss.until() - 1;
    return switch (loss.type()) {
      case READ_RECORDS_GONE ->
          end.highWatermarks().offset(loss.partition()) < loss.until()
              ? BatchLayerErrors.logEndsBeforeArchive(
                  log.topic(), loss.partition(), loss.from(), last)
              : BatchLayerErrors.archivedRecordsWereReplaced(
                  log.topic(), loss.partition(), loss.from(), last);
      case LAST_RECORD_REPLACED, LAST_RECORD_MISSING, UNREAD_RECORDS_DELETED ->
          BatchLayerErrors.archivedRecordWasReplaced(log.topic(), loss.partition(), last);
    };
  }

  /** Earlier releases continued the archive of a replaced log under the same id. */
  private static boolean isReplaced(CommitMetadata before, LogId logId) {
    return before.gaps().stream()
        .anyMatch(gap -> isReplacement(gap) && gap.topicId().equals(logId.toString()));
  }

  /** Whether an earlier release accepted that the content before the position was replaced. */
  private static boolean isAccepted(CommitMetadata before, LogPosition position, int partition) {
    return before.gaps().stream()
        .anyMatch(gap -> gap.partition() == partition && isReplacementAt(position, gap));
  }

  private static boolean isReplacementAt(LogPosition position, AcceptedGap gap) {
    return isReplacement(gap)
        && gap.topicId().equals(position.logId().toString())
        && gap.endsAt(position.offsets().offset(gap.partition()));
  }

  /** Whether an earlier release recorded the gap: its end is known. */
  private static boolean isReplacement(AcceptedGap gap) {
    return gap.kind() == AcceptedGap.Kind.DIFFERING && gap.until().isPresent();
  }
}
