package io.foldlog.batch;

import com.datastax.oss.driver.api.core.DriverException;
import io.foldlog.batch.errors.BatchLayerErrors;
import io.foldlog.contract.PipelineException;
import io.foldlog.log.KafkaClients;
import io.foldlog.log.KafkaErrors;
import java.io.IOException;
import org.apache.hadoop.fs.s3a.AWSClientIOException;
import org.apache.kafka.common.KafkaException;

/** Finds the actionable failure in the causes of an exception from Spark. */
final class StepFailure {

  private StepFailure() {}

  /** Returns the failure to report. A failure of an unknown kind is returned unchanged. */
  static Exception of(KafkaClients connection, Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof PipelineException known) {
        return known;
      }
      if (cause instanceof KafkaException) {
        return KafkaErrors.of(connection, "reading the log", cause);
      }
      if (cause instanceof DriverException || isCassandraUnreachable(cause)) {
        return BatchLayerErrors.cassandraDidNotAnswer(message(cause), cause);
      }
      if (cause instanceof AWSClientIOException) {
        return BatchLayerErrors.objectStoreDidNotAnswer(message(cause), cause);
      }
      if (isDiskFull(cause)) {
        return BatchLayerErrors.diskIsFull(cause);
      }
    }
    return thrown instanceof Exception known ? known : new IllegalStateException(thrown);
  }

  /** The driver wraps failures of its own queries in an exception without a message. */
  private static String message(Throwable failure) {
    return failure.getMessage() == null && failure.getCause() != null
        ? message(failure.getCause())
        : String.valueOf(failure.getMessage()).replaceFirst("\\.$", "");
  }

  private static boolean isCassandraUnreachable(Throwable cause) {
    return cause instanceof IOException
        && String.valueOf(cause.getMessage()).startsWith("Failed to open native connection");
  }

  private static boolean isDiskFull(Throwable cause) {
    return cause instanceof IOException
        && String.valueOf(cause.getMessage()).contains("No space left on device");
  }
}
