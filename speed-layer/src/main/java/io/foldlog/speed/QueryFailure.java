package io.foldlog.speed;

import io.foldlog.contract.PipelineException;
import io.foldlog.log.KafkaClients;
import io.foldlog.log.KafkaErrors;
import io.foldlog.log.LogOffsets;
import io.foldlog.speed.errors.SpeedLayerErrors;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.spark.SparkException;
import org.apache.spark.sql.execution.streaming.continuous.ContinuousTaskRetryException;
import org.apache.spark.sql.streaming.StreamingQueryException;

/** Turns what a query ended with into a failure that a person can act on, where there is one. */
final class QueryFailure {

  private QueryFailure() {}

  /** The failure to end with; one that is of no known kind comes back as it was. */
  static Exception of(
      StreamingQueryException thrown,
      Checkpoint checkpoint,
      KafkaClients connection,
      LogOffsets written) {
    Optional<Throwable> known = cause(thrown, PipelineException.class::isInstance);
    if (known.isPresent()) {
      return (PipelineException) known.get();
    }
    Optional<Throwable> lost = cause(thrown, QueryFailure::isDataLoss);
    if (lost.isPresent()) {
      return SpeedLayerErrors.nextRecordsAreMissing(
          firstSentence(lost.get()), checkpoint.folder(), thrown);
    }
    Optional<PipelineException> starved =
        SpeedLayerErrors.heapIsTooSmall(thrown, String.valueOf(written));
    if (starved.isPresent()) {
      return starved.get();
    }
    if (cause(thrown, QueryFailure::isExecutorLoss).isPresent()) {
      return SpeedLayerErrors.executorWasLost(thrown);
    }
    return cause(thrown, KafkaException.class::isInstance)
        .map(cause -> (Exception) KafkaErrors.of(connection, "reading the log", cause))
        .orElse(thrown);
  }

  private static boolean isDataLoss(Throwable cause) {
    return cause instanceof OffsetOutOfRangeException
        || cause instanceof IllegalStateException
            && String.valueOf(cause.getMessage()).contains("failOnDataLoss");
  }

  /**
   * Spark's scheduler has no exception of its own for the one, and repeats a task for the other.
   */
  private static boolean isExecutorLoss(Throwable cause) {
    return cause instanceof ContinuousTaskRetryException
        || cause instanceof SparkException
            && String.valueOf(cause.getMessage()).contains("ExecutorLostFailure");
  }

  private static String firstSentence(Throwable cause) {
    String message = String.valueOf(cause.getMessage()).strip();
    int end = message.indexOf(". ");
    return end < 0 ? message : message.substring(0, end + 1);
  }

  private static Optional<Throwable> cause(Throwable thrown, Predicate<Throwable> wanted) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (wanted.test(cause)) {
        return Optional.of(cause);
      }
    }
    return Optional.empty();
  }
}
