package io.foldlog.speed;

import io.foldlog.contract.DecodeRules;
import io.foldlog.log.EventTopic;
import io.foldlog.log.LogOffsets;
import io.foldlog.log.TopicMetadata;
import java.util.Objects;

/**
 * Where a query starts in the log.
 *
 * @param log the topic
 * @param written up to where the view holds the log
 * @param end where the log ended a moment ago
 * @param tail the last records that were read
 */
record StartPosition(TopicMetadata log, LogOffsets written, LogOffsets end, CheckpointTail tail) {

  StartPosition {
    Objects.requireNonNull(log);
    Objects.requireNonNull(written);
    Objects.requireNonNull(end);
    Objects.requireNonNull(tail);
  }

  /**
   * Binds the checkpoint to the topic, and makes sure that the topic still holds what was read of
   * it and what comes next.
   *
   * @throws io.foldlog.contract.PipelineException state mismatch, when either is another's
   */
  static StartPosition of(
      Checkpoint checkpoint,
      TriggerMode trigger,
      DecodeRules rules,
      EventTopic log,
      TopicMetadata identity) {
    checkpoint.bind(trigger, identity, rules.version());
    LogOffsets end = log.endOffsets();
    LogOffsets beginning = log.beginningOffsets();
    LogOffsets written = checkpoint.committed(beginning, end);
    CheckpointTail tail = checkpoint.tail();
    checkpoint.requireSameTail(tail, log, beginning, end);
    return new StartPosition(identity, written, end, tail);
  }
}
