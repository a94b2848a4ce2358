package io.foldlog.speed;

import io.foldlog.log.EndOffsets;
import io.foldlog.log.EventTopic;
import io.foldlog.log.LogOffsets;

/** The log's operations that the commit gate needs. */
interface ObservedLog {

  /**
   * The log's current end offsets.
   *
   * @throws io.foldlog.contract.PipelineException unavailable, if no broker answers; usage error,
   *     if the topic cannot be read
   */
  EndOffsets end();

  /**
   * Checks that the log still holds the last records that were read, at their offsets.
   *
   * @param end the log's current end offsets
   * @throws io.foldlog.contract.PipelineException state mismatch, if a record is missing or was
   *     replaced
   */
  void requireSameTail(CheckpointTail read, LogOffsets end);

  /** The topic on the brokers. */
  static ObservedLog of(EventTopic log, Checkpoint checkpoint) {
    return new ObservedLog() {
      @Override
      public EndOffsets end() {
        return log.end();
      }

      @Override
      public void requireSameTail(CheckpointTail read, LogOffsets end) {
        checkpoint.requireSameTail(read, log, log.beginningOffsets(), end);
      }
    };
  }
}
