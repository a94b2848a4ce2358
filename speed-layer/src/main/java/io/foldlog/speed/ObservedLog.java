package io.foldlog.speed;

import io.foldlog.log.Log;
import io.foldlog.log.LogEnd;
import io.foldlog.log.LogOffsets;

/** What the commit gate asks of the log. */
interface ObservedLog {

  /**
   * Where the log ends now.
   *
   * @throws io.foldlog.contract.PipelineException unavailable, when no broker answers; refused,
   *     when the topic cannot be read
   */
  LogEnd end();

  /**
   * Makes sure that the last records that were read are still what the log holds at their offsets.
   *
   * @param end where the log ends now
   * @throws io.foldlog.contract.PipelineException record changed, when others took their places
   */
  void requireSameTail(CheckpointTail read, LogOffsets end);

  /** The topic on its brokers. */
  static ObservedLog of(Log log, Checkpoint checkpoint) {
    return new ObservedLog() {
      @Override
      public LogEnd end() {
        return log.end();
      }

      @Override
      public void requireSameTail(CheckpointTail read, LogOffsets end) {
        checkpoint.requireSameTail(read, log, log.beginningOffsets(), end);
      }
    };
  }
}
