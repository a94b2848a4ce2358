package io.foldlog.speed;

import io.foldlog.contract.PipelineException;
import io.foldlog.log.LogLoss;
import io.foldlog.speed.errors.SpeedLayerErrors;
import java.nio.file.Path;
import java.util.List;

/** Translates the losses of a log into failures of the query. */
final class LogLosses {

  private LogLosses() {}

  /**
   * @param losses since the checkpoint's position
   * @throws PipelineException state mismatch, if there is a loss
   */
  static void requireNone(List<LogLoss> losses, Checkpoint checkpoint) {
    if (!losses.isEmpty()) {
      throw failure(losses.get(0), checkpoint.folder());
    }
  }

  private static PipelineException failure(LogLoss loss, Path checkpoint) {
    return switch (loss.type()) {
      case UNREAD_RECORDS_DELETED ->
          SpeedLayerErrors.unreadRecordsAreDeleted(
              loss.partition(), loss.from(), loss.until() - 1, checkpoint);
      case READ_RECORDS_GONE ->
          SpeedLayerErrors.readRecordsAreGone(
              loss.partition(), loss.from(), loss.until() - 1, checkpoint);
      case LAST_RECORD_REPLACED ->
          SpeedLayerErrors.readRecordWasReplaced(loss.partition(), loss.from(), checkpoint);
      case LAST_RECORD_MISSING ->
          SpeedLayerErrors.readRecordIsMissing(loss.partition(), loss.from(), checkpoint);
    };
  }
}
