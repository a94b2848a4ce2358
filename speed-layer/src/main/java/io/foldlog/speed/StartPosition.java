package io.foldlog.speed;

import io.foldlog.contract.DecodeRules;
import io.foldlog.log.EndOffsets;
import io.foldlog.log.EventTopic;
import io.foldlog.log.LogId;
import io.foldlog.log.LogLoss;
import io.foldlog.log.LogOffsets;
import io.foldlog.log.LogPosition;
import io.foldlog.log.PartitionPosition;
import io.foldlog.log.TopicMetadata;
import io.foldlog.view.LayerPositions.Published;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The position in the log at which a query starts.
 *
 * @param log the topic
 * @param position the layer's position: for each partition, the stored one, or the topic's
 *     beginning
 * @param end the end of the log
 */
record StartPosition(TopicMetadata log, LogPosition position, EndOffsets end) {

  StartPosition {
    Objects.requireNonNull(log);
    Objects.requireNonNull(position);
    Objects.requireNonNull(end);
  }

  /**
   * Binds the checkpoint to the topic, and checks that the topic still holds the records that were
   * read and the records that follow.
   *
   * @param published the positions of the layer in the keyspace
   * @throws io.foldlog.contract.PipelineException state mismatch, if the checkpoint and the topic
   *     do not match
   */
  static StartPosition of(
      Checkpoint checkpoint,
      TriggerMode trigger,
      DecodeRules rules,
      EventTopic log,
      TopicMetadata metadata,
      List<Published> published) {
    checkpoint.bind(trigger, metadata, rules.version());
    EndOffsets end = log.end();
    LogOffsets beginning = log.beginningOffsets();
    Optional<LogPosition> stored = checkpoint.position();
    if (stored.isPresent()) {
      List<LogLoss> losses = log.losses(stored.get(), beginning, end);
      LogLosses.requireNone(losses, checkpoint);
    }
    return new StartPosition(
        metadata,
        position(
            stored.orElseGet(() -> LogPosition.none(logId(metadata.topicId(), published, end))),
            beginning,
            end),
        end);
  }

  /**
   * The position with a position for each partition. The leader epochs are the current ones,
   * because the current log holds everything before the position.
   */
  private static LogPosition position(LogPosition stored, LogOffsets beginning, EndOffsets end) {
    LogPosition position = stored;
    for (int partition : beginning.byPartition().keySet()) {
      PartitionPosition known = stored.byPartition().get(partition);
      Integer epoch = end.leaderEpochs().get(partition);
      position =
          position.with(
              partition,
              known == null
                  ? new PartitionPosition(beginning.offset(partition), epoch, null)
                  : new PartitionPosition(known.nextOffset(), epoch, known.lastRecord()));
    }
    return position;
  }

  /**
   * The log of a new checkpoint. If the layer has published a position past the end of the topic,
   * the content of the topic was replaced: an operator has accepted that when he removed the
   * checkpoint.
   */
  static LogId logId(String topicId, List<Published> published, EndOffsets end) {
    Optional<LogId> latest =
        published.stream()
            .map(position -> LogId.parse(position.logId()))
            .filter(logId -> logId.topicId().equals(topicId))
            .max(Comparator.comparingInt(LogId::replacements));
    if (latest.isEmpty()) {
      return LogId.of(topicId);
    }
    boolean isReplaced =
        published.stream()
            .filter(position -> position.logId().equals(latest.get().toString()))
            .anyMatch(
                position ->
                    position.nextOffset() > end.highWatermarks().offset(position.partition()));
    return isReplaced ? latest.get().next() : latest.get();
  }

  /**
   * The offset at which Spark starts in each partition. It is at most the last stable offset, also
   * if the position is past it: to read records again is harmless.
   *
   * @param reached the position, which may be past this one
   */
  SortedMap<Integer, Long> startingOffsets(LogOffsets reached) {
    SortedMap<Integer, Long> offsets = new TreeMap<>(reached.byPartition());
    offsets.replaceAll((partition, next) -> Math.min(next, end.offsets().offset(partition)));
    return offsets;
  }
}
