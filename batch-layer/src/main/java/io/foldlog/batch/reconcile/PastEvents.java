package io.foldlog.batch.reconcile;

import io.foldlog.batch.lake.LakeOffsets;
import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.PipelineException;
import io.foldlog.contract.UserEvent;
import io.foldlog.log.Log;
import io.foldlog.log.LogOffsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads from the log what stands past the fold. */
final class PastEvents {

  private static final Logger LOG = LoggerFactory.getLogger(PastEvents.class);
  private static final long REPORTED = 1_000_000;

  private final Log log;
  private final LogOffsets folded;
  private final EventDecoder.CreateTime createTime;

  PastEvents(Log log, LakeOffsets folded, String topicId, EventDecoder.CreateTime createTime) {
    this.log = log;
    this.folded = folded.of(topicId);
    this.createTime = createTime;
  }

  /**
   * The log's end of now.
   *
   * @throws PipelineException record changed, when the log is not the one that was folded
   */
  LogOffsets end() {
    LogOffsets end = log.endOffsets();
    if (!end.topicId().equals(folded.topicId())) {
      throw PipelineException.recordChanged(
          "Topic %s was deleted and created again: what was folded is of the one with id %s, and the log is now %s. To go on with the new topic: archive --accept-new-topic"
              .formatted(log.topic(), folded.topicId(), end.topicId()));
    }
    folded
        .byPartition()
        .forEach(
            (partition, offset) -> {
              if (end.offset(partition) < offset) {
                throw PipelineException.recordChanged(
                    "Topic %s ends at offset %d of partition %d, but records up to %d were folded: the brokers lost its end. archive says how to go on."
                        .formatted(log.topic(), end.offset(partition), partition, offset - 1));
              }
            });
    return end;
  }

  /** The events past the fold up to that end, of those users. */
  Map<UUID, List<UserEvent>> of(Set<UUID> users, LogOffsets end) {
    Map<UUID, List<UserEvent>> found = new HashMap<>();
    long records = folded.recordsUntil(end);
    if (users.isEmpty() || records == 0) {
      return found;
    }
    EventDecoder decoder = new EventDecoder(createTime);
    long[] read = {0};
    log.read(
        folded,
        end,
        record -> {
          if (decoder.decode(
                  record.key(),
                  record.value(),
                  record.timestampKind(),
                  record.timestampMillis(),
                  record.offset())
              instanceof UserEvent event) {
            if (users.contains(event.userId())) {
              found.computeIfAbsent(event.userId(), id -> new ArrayList<>()).add(event);
            }
          }
          if (++read[0] % REPORTED == 0) {
            LOG.info("step=reconcile past_fold_records={}/{}", read[0], records);
          }
        });
    return found;
  }
}
