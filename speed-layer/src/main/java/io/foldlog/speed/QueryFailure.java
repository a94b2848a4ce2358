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

/** Translates the exception of a query into a failure with a message that says what to do. */
final class QueryFailure {

  private QueryFailure() {}

  /** The translated failure; the exception itself if its cause is not known. */
  static Exception of(
      Exception thrown, Checkpoint checkpoint, KafkaClients clients, LogOffsets written) {
    Optional<Throwable> known = cause(thrown, PipelineException.class::isInstance);
    if (known.isPresent()) {
      return (PipelineException) known.get();
    }
    Optional<Throwable> lost = cause(thrown, QueryFailure::isDataLoss);
    if (lost.isPresent()) {
      return SpeedLayerErrors.nextRecordsAreMissing(
          firstSentence(lost.get()), checkpoint.folder(), thrown);
    }
    Optional<PipelineException> heapFailure =
        SpeedLayerErrors.heapIsTooSmall(thrown, String.valueOf(written));
    if (heapFailure.isPresent()) {
      return heapFailure.get();
    }
    if (cause(thrown, QueryFailure::isExecutorLoss).isPresent()) {
      return SpeedLayerErrors.executorWasLost(thrown);
    }
    return cause(thrown, KafkaException.class::isInstance)
        .map(cause -> (Exception) KafkaErrors.of(clients, "reading the log", cause))
        .orElse(thrown);
  }

  private static boolean isDataLoss(Throwable cause) {
    return cause instanceof OffsetOutOfRangeException
        || cause instanceof IllegalStateException
            && String.valueOf(cause.getMessage()).contains("failOnDataLoss");
  }

  /**
   * Spark has no specific exception for a lost executor. In continuous mode it retries the lost
   * task, which fails with a ContinuousTaskRetryException.
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

  private static Optional<Throwable> cause(Throwable thrown, Predicate<Throwable> condition) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (condition.test(cause)) {
        return Optional.of(cause);
      }
    }
    return Optional.empty();
  }
}
