package io.foldlog.speed;

import io.foldlog.contract.DecodeRules;
import io.foldlog.log.EventTopic;
import io.foldlog.log.LogOffsets;
import io.foldlog.log.TopicMetadata;
import java.util.Objects;

/**
 * The position in the log at which a query starts.
 *
 * @param log the topic
 * @param written the committed offsets: the view holds the log up to them
 * @param end the log's end offsets
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
   * Binds the checkpoint to the topic, and checks that the topic still holds the records that were
   * read and the records that follow.
   *
   * @throws io.foldlog.contract.PipelineException state mismatch, if the checkpoint and the topic
   *     do not match
   */
  static StartPosition of(
      Checkpoint checkpoint,
      TriggerMode trigger,
      DecodeRules rules,
      EventTopic log,
      TopicMetadata metadata) {
    checkpoint.bind(trigger, metadata, rules.version());
    LogOffsets end = log.endOffsets();
    LogOffsets beginning = log.beginningOffsets();
    LogOffsets written = checkpoint.committed(beginning, end);
    CheckpointTail tail = checkpoint.tail();
    checkpoint.requireSameTail(tail, log, beginning, end);
    return new StartPosition(metadata, written, end, tail);
  }
}
