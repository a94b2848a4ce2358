package io.foldlog.batch.archive;

import io.foldlog.batch.archive.ArchiveOptions.Acceptance;
import io.foldlog.batch.errors.BatchLayerErrors;
import io.foldlog.batch.lake.AcceptedGap;
import io.foldlog.batch.lake.CommitMetadata;
import io.foldlog.batch.lake.LakeOffsets;
import io.foldlog.batch.lake.LakeTable;
import io.foldlog.contract.PipelineException;
import io.foldlog.lake.EventColumns;
import io.foldlog.log.EventTopic;
import io.foldlog.log.LogId;
import io.foldlog.log.LogOffsets;
import io.foldlog.log.LogRecord;
import io.foldlog.log.TopicMetadata;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
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
   * Plans an append up to the given end.
   *
   * @throws PipelineException state mismatch; the message names the command that continues
   */
  ArchivePlan plan(TopicMetadata identity, LogOffsets begin, LogOffsets end) {
    CommitMetadata before = events.metadata();
    requireRowsMatchCommits(before);
    List<AcceptedGap> newGaps = new ArrayList<>();
    if (!before.topicId().isEmpty() && !before.topicId().equals(identity.topicId())) {
      newGaps.addAll(newTopicGaps(before, identity));
    }
    LogOffsets positions = before.offsets().of(identity.topicId());
    ArchivedTail tail = new ArchivedTail(events, positions);
    SortedMap<Integer, Long> from = new TreeMap<>();
    SortedMap<Integer, Long> until = new TreeMap<>();
    for (int partition : end.byPartition().keySet()) {
      long position = positions.offset(partition);
      long first = begin.offset(partition);
      long last = end.offset(partition);
      if (first > position) {
        newGaps.add(retentionGap(identity, tail, partition, position, first));
        position = first;
      } else if (position > 0 && !isAlreadyAccepted(before, identity, partition, position, last)) {
        newGaps.addAll(differingGap(identity, tail, partition, position, first, last));
      }
      from.put(partition, position);
      until.put(partition, Math.max(position, last));
    }
    LogOffsets reached = new LogOffsets(LogId.of(identity.topicId()), until);
    List<AcceptedGap> gaps = new ArrayList<>(before.gaps());
    gaps.addAll(newGaps);
    CommitMetadata after =
        CommitMetadata.undecoded(
            run,
            identity.topicId(),
            before.offsets().with(reached),
            before.transaction() + 1,
            gaps);
    return new ArchivePlan(
        new LogOffsets(LogId.of(identity.topicId()), from), reached, before, after, newGaps);
  }

  /** The offsets of the table's rows must match the commit metadata. */
  private void requireRowsMatchCommits(CommitMetadata recorded) {
    LakeOffsets found = LakeOffsets.NONE;
    List<Row> rows =
        events
            .read()
            .groupBy(EventColumns.TOPIC_ID, EventColumns.PARTITION)
            .agg(functions.max(EventColumns.OFFSET).plus(1))
            .collectAsList();
    for (Row row : rows) {
      found =
          found.with(
              new LogOffsets(
                  LogId.parse(row.getString(0)),
                  new TreeMap<>(Map.of(row.getInt(1), row.getLong(2)))));
    }
    boolean isConsistent = found.isWithin(recorded.offsets());
    for (String topicId : recorded.offsets().byTopic().keySet()) {
      for (Map.Entry<Integer, Long> partition :
          recorded.offsets().byTopic().get(topicId).entrySet()) {
        long archived = found.offset(topicId, partition.getKey());
        isConsistent &=
            archived == partition.getValue()
                || isGap(recorded, topicId, partition.getKey(), archived, partition.getValue());
      }
    }
    if (!isConsistent) {
      throw BatchLayerErrors.archiveDiffersFromItsCommits(
          events.path(), found.toString(), recorded.offsets().toString());
    }
  }

  /** Whether accepted gaps cover the offsets between the last row and the position. */
  private static boolean isGap(
      CommitMetadata recorded, String topicId, int partition, long archived, long position) {
    return recorded.gaps().stream()
        .anyMatch(
            gap ->
                gap.topicId().equals(topicId)
                    && gap.partition() == partition
                    && gap.from() <= archived
                    && gap.endsAt(position));
  }

  private List<AcceptedGap> newTopicGaps(CommitMetadata before, TopicMetadata identity) {
    if (!options.accepts(Acceptance.NEW_TOPIC)) {
      throw BatchLayerErrors.archiveOfAnotherTopic(
          log.topic(), events.path(), before.topicId(), identity.topicId());
    }
    LogOffsets old = before.offsets().of(before.topicId());
    ArchivedTail tail = new ArchivedTail(events, old);
    List<AcceptedGap> gaps = new ArrayList<>();
    old.byPartition()
        .forEach(
            (partition, position) ->
                gaps.add(
                    new AcceptedGap(
                        before.topicId(),
                        partition,
                        position,
                        OptionalLong.empty(),
                        tail.timestampMillis(partition),
                        AcceptedGap.Kind.NEW_TOPIC,
                        run)));
    return gaps;
  }

  private AcceptedGap retentionGap(
      TopicMetadata identity, ArchivedTail tail, int partition, long position, long first) {
    if (!options.accepts(Acceptance.GAP)) {
      throw BatchLayerErrors.unarchivedRecordsAreDeleted(
          log.topic(), partition, position, first - 1);
    }
    return new AcceptedGap(
        identity.topicId(),
        partition,
        position,
        OptionalLong.of(first),
        tail.timestampMillis(partition),
        AcceptedGap.Kind.RETENTION,
        run);
  }

  private static boolean isAlreadyAccepted(
      CommitMetadata before, TopicMetadata identity, int partition, long position, long last) {
    return before.gaps().stream()
        .anyMatch(
            gap ->
                gap.kind() == AcceptedGap.Kind.DIFFERING
                    && gap.topicId().equals(identity.topicId())
                    && gap.partition() == partition
                    && gap.endsAt(position)
                    && gap.from() <= last);
  }

  /** The last archived record must still be in the log, unless retention may have deleted it. */
  private List<AcceptedGap> differingGap(
      TopicMetadata identity,
      ArchivedTail tail,
      int partition,
      long position,
      long first,
      long last) {
    boolean isShorterThanArchive = last < position;
    if (!isShorterThanArchive
        && (first >= position || isArchivedRecord(identity, tail, partition, position - 1))) {
      return List.of();
    }
    if (!options.accepts(Acceptance.GAP)) {
      throw isShorterThanArchive
          ? BatchLayerErrors.logEndsBeforeArchive(log.topic(), partition, last, position - 1)
          : BatchLayerErrors.archivedRecordWasReplaced(log.topic(), partition, position - 1);
    }
    return List.of(
        new AcceptedGap(
            identity.topicId(),
            partition,
            firstDiffering(identity, partition, first, Math.min(last, position)),
            OptionalLong.of(position),
            tail.timestampMillis(partition),
            AcceptedGap.Kind.DIFFERING,
            run));
  }

  /** Finds the first offset whose record differs from the archived one, by binary search. */
  private long firstDiffering(TopicMetadata identity, int partition, long first, long last) {
    long same = first;
    long differing = last;
    while (same < differing) {
      long middle = (same + differing) >>> 1;
      LogOffsets after =
          new LogOffsets(
              LogId.of(identity.topicId()), new TreeMap<>(Map.of(partition, middle + 1)));
      if (isArchivedRecord(identity, new ArchivedTail(events, after), partition, middle)) {
        same = middle + 1;
      } else {
        differing = middle;
      }
    }
    return same;
  }

  private boolean isArchivedRecord(
      TopicMetadata identity, ArchivedTail tail, int partition, long offset) {
    List<LogRecord> found = new ArrayList<>();
    log.read(
        new LogOffsets(LogId.of(identity.topicId()), new TreeMap<>(Map.of(partition, offset))),
        new LogOffsets(LogId.of(identity.topicId()), new TreeMap<>(Map.of(partition, offset + 1))),
        found::add);
    return found.size() == 1 && tail.matches(found.get(0));
  }
}
