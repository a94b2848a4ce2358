package io.foldlog.speed;

import io.foldlog.log.EndOffsets;
import io.foldlog.log.EventTopic;
import io.foldlog.log.LogLoss;
import io.foldlog.log.LogOffsets;
import io.foldlog.log.LogPosition;
import java.util.List;

/** The log's operations that the commit gate needs. Each throws as {@link EventTopic}. */
interface ObservedLog {

  /** The log's current end. */
  EndOffsets end();

  /** What the log has lost since the position. */
  List<LogLoss> losses(LogPosition position, EndOffsets end);

  /** For each partition, the offset of the first record from the given offset on, or the end. */
  LogOffsets nextRecords(LogOffsets from, LogOffsets end);

  /** The topic on the brokers. */
  static ObservedLog of(EventTopic log) {
    return new ObservedLog() {
      @Override
      public EndOffsets end() {
        return log.end();
      }

      @Override
      public List<LogLoss> losses(LogPosition position, EndOffsets end) {
        return log.losses(position, log.beginningOffsets(), end);
      }

      @Override
      public LogOffsets nextRecords(LogOffsets from, LogOffsets end) {
        return log.nextRecords(from, end);
      }
    };
  }
}
