package io.foldlog.batch.reconcile;

import io.foldlog.batch.errors.BatchLayerErrors;
import io.foldlog.batch.lake.AcceptedGap;
import io.foldlog.batch.lake.CommitMetadata;
import io.foldlog.contract.DecodeRules;
import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.PipelineException;
import io.foldlog.contract.UserEvent;
import io.foldlog.log.EventTopic;
import io.foldlog.log.LogOffsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads from the log what the fold does not hold: what stands past it, and what took the places of
 * archived records when the log had lost its end.
 */
final class PastEvents {

  private static final Logger LOG = LoggerFactory.getLogger(PastEvents.class);
  private static final long REPORTED = 1_000_000;

  private final EventTopic log;
  private final LogOffsets folded;
  private final List<AcceptedGap> replaced;
  private final DecodeRules rules;

  /**
   * Those of a log.
   *
   * @param folded what the fold says of itself
   */
  PastEvents(EventTopic log, CommitMetadata folded, DecodeRules rules) {
    this.log = log;
    this.folded = folded.offsets().of(folded.topicId());
    this.replaced =
        folded.gaps().stream()
            .filter(gap -> gap.kind() == AcceptedGap.Kind.DIFFERING)
            .filter(gap -> gap.topicId().equals(folded.topicId()))
            .toList();
    this.rules = rules;
  }

  /**
   * The log's end of now.
   *
   * @throws PipelineException state mismatch, when the log is not the one that was folded
   */
  LogOffsets end() {
    LogOffsets end = log.endOffsets();
    if (!end.topicId().equals(folded.topicId())) {
      throw BatchLayerErrors.foldOfAnotherTopic(log.topic(), folded.topicId(), end.topicId());
    }
    folded
        .byPartition()
        .forEach(
            (partition, offset) -> {
              if (end.offset(partition) < offset
                  && !isAccepted(partition, end.offset(partition), offset)) {
                throw BatchLayerErrors.logEndsBeforeFold(
                    log.topic(), partition, end.offset(partition), offset - 1);
              }
            });
    return end;
  }

  /** Whether the log may end there, before what was folded: somebody has said so to the archive. */
  private boolean isAccepted(int partition, long end, long offset) {
    return replaced.stream()
        .anyMatch(gap -> gap.partition() == partition && gap.endsAt(offset) && gap.from() <= end);
  }

  /** The events past the fold up to that end, of those users. */
  Map<UUID, List<UserEvent>> of(Set<UUID> users, LogOffsets end) {
    Map<UUID, List<UserEvent>> found = new HashMap<>();
    if (users.isEmpty()) {
      return found;
    }
    read(users, folded, end, found);
    if (!replaced.isEmpty()) {
      LogOffsets beginning = log.beginningOffsets();
      for (AcceptedGap gap : replaced) {
        int partition = gap.partition();
        read(
            users,
            at(partition, Math.max(gap.from(), beginning.offset(partition))),
            at(partition, Math.min(gap.until().orElseThrow(), end.offset(partition))),
            found);
      }
    }
    return found;
  }

  private LogOffsets at(int partition, long offset) {
    return new LogOffsets(folded.logId(), new TreeMap<>(Map.of(partition, offset)));
  }

  private void read(
      Set<UUID> users, LogOffsets from, LogOffsets end, Map<UUID, List<UserEvent>> found) {
    long records = from.offsetsUntil(end);
    if (records == 0) {
      return;
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
            LOG.info("event=reconcile_progress past_fold_records={}/{}", read[0], records);
          }
        });
  }
}
