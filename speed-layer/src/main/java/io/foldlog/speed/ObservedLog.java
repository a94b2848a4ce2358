package io.foldlog.speed;

import io.foldlog.log.EndOffsets;
import io.foldlog.log.EventTopic;
import io.foldlog.log.LogOffsets;

/** What the commit gate asks of the log. */
interface ObservedLog {

  /**
   * Where the log ends now.
   *
   * @throws io.foldlog.contract.PipelineException unavailable, when no broker answers; usage error,
   *     when the topic cannot be read
   */
  EndOffsets end();

  /**
   * Makes sure that the last records that were read are still what the log holds at their offsets.
   *
   * @param end where the log ends now
   * @throws io.foldlog.contract.PipelineException state mismatch, when others took their places
   */
  void requireSameTail(CheckpointTail read, LogOffsets end);

  /** The topic on its brokers. */
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
