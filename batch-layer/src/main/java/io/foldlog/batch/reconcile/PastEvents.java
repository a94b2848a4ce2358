package io.foldlog.batch.reconcile;

import io.foldlog.batch.errors.BatchLayerErrors;
import io.foldlog.batch.lake.CommitMetadata;
import io.foldlog.contract.DecodeRules;
import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.PipelineException;
import io.foldlog.contract.UserEvent;
import io.foldlog.log.EndOffsets;
import io.foldlog.log.EventTopic;
import io.foldlog.log.LogId;
import io.foldlog.log.LogLoss;
import io.foldlog.log.LogOffsets;
import io.foldlog.log.LogPosition;
import io.foldlog.log.PartitionPosition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the committed records of the log that are not folded yet. */
final class PastEvents {

  private static final Logger LOG = LoggerFactory.getLogger(PastEvents.class);
  private static final long REPORTED = 1_000_000;

  private final EventTopic log;
  private final LogPosition folded;
  private final DecodeRules rules;

  /**
   * Those of a log.
   *
   * @param folded what the fold says of itself
   */
  PastEvents(EventTopic log, CommitMetadata folded, DecodeRules rules) {
    this.log = log;
    this.folded = position(folded);
    this.rules = rules;
  }

  /** Earlier releases stored only offsets. */
  private static LogPosition position(CommitMetadata folded) {
    LogId logId = LogId.parse(folded.logId());
    return folded
        .position(logId)
        .orElseGet(
            () -> {
              SortedMap<Integer, PartitionPosition> positions = new TreeMap<>();
              folded
                  .offsets()
                  .of(folded.logId())
                  .byPartition()
                  .forEach(
                      (partition, next) ->
                          positions.put(partition, new PartitionPosition(next, null, null)));
              return new LogPosition(logId, positions);
            });
  }

  /**
   * The log's end of now.
   *
   * @throws PipelineException state mismatch, when the log is not the one that was folded
   */
  EndOffsets end() {
    LogOffsets beginning = log.beginningOffsets();
    EndOffsets end = log.end();
    String foldedId = folded.logId().topicId();
    String foundId = end.offsets().topicId();
    if (!foundId.equals(foldedId)) {
      throw BatchLayerErrors.foldOfAnotherTopic(log.topic(), foldedId, foundId);
    }
    for (LogLoss loss : log.losses(folded, beginning, end)) {
      long last = loss.until() - 1;
      throw loss.type() == LogLoss.Type.UNREAD_RECORDS_DELETED
          ? BatchLayerErrors.unfoldedRecordsAreDeleted(
              log.topic(), loss.partition(), loss.from(), last)
          : BatchLayerErrors.logDiffersFromFold(log.topic(), loss.partition(), loss.from(), last);
    }
    return end;
  }

  /** The events past the fold up to that end, of those users. */
  Map<UUID, List<UserEvent>> of(Set<UUID> users, LogOffsets end) {
    Map<UUID, List<UserEvent>> found = new HashMap<>();
    LogOffsets from = folded.offsets();
    long offsets = from.offsetsUntil(end);
    if (users.isEmpty() || offsets == 0) {
      return found;
    }
    EventDecoder decoder = rules.newDecoder();
    long[] read = {0};
    log.read(
        from,
        end,
        record -> {
          if (record.decodeWith(decoder) instanceof UserEvent event
              && users.contains(event.userId())) {
            found.computeIfAbsent(event.userId(), id -> new ArrayList<>()).add(event);
          }
          if (++read[0] % REPORTED == 0) {
            LOG.info("event=reconcile_progress past_fold_records={} offsets={}", read[0], offsets);
          }
        });
    return found;
  }
}
