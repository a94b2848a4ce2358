package io.foldlog.speed;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.contract.PipelineException;
import io.foldlog.log.KafkaClients;
import io.foldlog.log.LogId;
import io.foldlog.log.LogOffsets;
import java.nio.file.Path;
import java.util.TreeMap;
import org.apache.spark.ExecutorLostFailure;
import org.apache.spark.SparkException;
import org.apache.spark.sql.execution.streaming.continuous.ContinuousTaskRetryException;
import org.apache.spark.sql.streaming.StreamingQueryException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.Option;
import scala.collection.immutable.Map$;

class QueryFailureTest {

  @TempDir private Path folder;

  /** Regression: a killed worker was reported as an internal error with a stack trace. */
  @Test
  void shouldReportLostExecutorAsUnavailable() {
    String reason = new ExecutorLostFailure("0", true, Option.apply("Worker lost")).toErrorString();
    assertThat(translated(aborted(reason, null))).isEqualTo(PipelineException.Kind.UNAVAILABLE);
  }

  /** Spark retries a task of a lost executor, and a continuous task fails at its retry. */
  @Test
  void shouldReportRetriedContinuousTaskAsUnavailable() {
    Throwable retry = new ContinuousTaskRetryException();
    assertThat(translated(aborted("Lost task 1.1 in stage 0.0", retry)))
        .isEqualTo(PipelineException.Kind.UNAVAILABLE);
  }

  @Test
  void shouldReturnUnknownExceptionUnchanged() {
    assertThat(translated(aborted("Lost task 1.0 in stage 0.0", null))).isNull();
  }

  private static SparkException aborted(String reason, Throwable cause) {
    return new SparkException(
        "Job aborted due to stage failure: Task 1 in stage 0.0 failed 1 times, most recent failure: "
            + reason,
        cause);
  }

  private PipelineException.Kind translated(SparkException cause) {
    StreamingQueryException thrown =
        new StreamingQueryException(
            "", "failed", cause, "", "", "STREAM_FAILED", Map$.MODULE$.empty());
    Exception failure =
        QueryFailure.of(
            thrown,
            new Checkpoint(folder),
            KafkaClients.to("127.0.0.1:1"),
            new LogOffsets(LogId.of("id"), new TreeMap<>()));
    return failure instanceof PipelineException known ? known.kind() : null;
  }
}
