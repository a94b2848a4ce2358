package io.foldlog.batch;

import io.foldlog.application.ExitStatus;
import io.foldlog.application.KafkaSettings;
import io.foldlog.application.Settings;
import io.foldlog.application.StopSignal;
import io.foldlog.application.Waiting;
import io.foldlog.batch.lake.Lake;
import io.foldlog.batch.lake.LakeLease;
import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.PipelineException;
import io.foldlog.log.Log;
import io.foldlog.log.LogConnection;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of a command: holds the lake's lease, Spark and the report, and lets the command's steps
 * use them one after another. Whatever the end, the report says it.
 */
final class BatchRun implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(BatchRun.class);
  private static final DateTimeFormatter RUN_TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);

  private final Settings settings;
  private final BatchLayerSettings own;
  private final KafkaSettings kafka;
  private final StopSignal stop;
  private final RunReport report;
  private final Progress progress = new Progress();
  private final LakeLease lease;
  private final SparkSession spark;
  private final Lake lake;
  private RunRecord record;

  /** A step of a run. */
  @FunctionalInterface
  interface Step<T> {
    /** Does it; gives figures for the report. */
    T run() throws Exception;
  }

  /** What a command does with a run. */
  @FunctionalInterface
  interface Work {
    /** Does it. */
    ExitStatus run(BatchRun run) throws Exception;
  }

  private BatchRun(String command, Settings settings, StopSignal stop) {
    this.settings = settings;
    this.own = BatchLayerSettings.from(settings);
    this.kafka = KafkaSettings.from(settings);
    this.stop = stop;
    this.report = new RunReport(RUN_TIME.format(Instant.now()) + "-" + command, command);
    this.record = RunRecord.of(report.run(), command, report.started());
    this.lease = LakeLease.take(own.lake().root(), own.lake().configuration(), report.run());
    try {
      this.spark = SparkSessions.open(own);
    } catch (RuntimeException failure) {
      lease.close();
      throw failure;
    }
    this.lake = new Lake(spark, own.lake().root());
    spark.sparkContext().addSparkListener(progress);
    stop.onRequest(() -> spark.sparkContext().cancelAllJobs());
    lease.onLoss(() -> spark.sparkContext().cancelAllJobs());
  }

  /**
   * Runs a command's work, and writes its report, its row and its lines.
   *
   * @throws PipelineException for what a person can act on
   */
  static ExitStatus of(String command, Settings settings, StopSignal stop, Work work)
      throws Exception {
    try (BatchRun run = new BatchRun(command, settings, stop)) {
      return run.reported(work);
    }
  }

  private ExitStatus reported(Work work) throws Exception {
    try {
      ExitStatus status = work.run(this);
      end(status, "");
      return status;
    } catch (InterruptedException interruption) {
      end(stop.status().orElse(ExitStatus.BUG), "interrupted");
      throw interruption;
    } catch (Exception | LinkageError failure) {
      if (stop.requested()) {
        LOG.debug("Stopped", failure);
        end(stop.status().orElseThrow(), "interrupted");
        throw new InterruptedException("stopped");
      }
      Exception translated = translated(failure);
      end(
          translated instanceof PipelineException known
              ? ExitStatus.of(known.kind())
              : ExitStatus.BUG,
          String.valueOf(translated.getMessage()));
      throw translated;
    }
  }

  /** Whatever failed after the lease was lost failed because of that. */
  private Exception translated(Throwable failure) {
    try {
      lease.require();
    } catch (PipelineException lost) {
      LOG.debug("After the lease was lost", failure);
      return lost;
    }
    return StepFailure.of(connection(), failure);
  }

  private void end(ExitStatus status, String message) {
    report.end(status.code(), message);
    Path file = report.write(own.reports());
    if (record.isKept() && !stop.requested()) {
      try {
        record.ended(status.code(), report.summary()).append(lake);
      } catch (RuntimeException failure) {
        LOG.warn(
            "The run has no row in reconcile_runs: {}. Its report is {}",
            failure.getMessage(),
            file);
        if (status == ExitStatus.DONE) {
          throw failure;
        }
      }
    }
    System.out.printf(
        "%s status=%d run=%s report=%s%n", report.command(), status.code(), report.run(), file);
  }

  /** Runs a step, times it and reports its figures. */
  <T> T step(String name, Step<T> step) throws Exception {
    if (stop.requested()) {
      throw new InterruptedException("stopped before " + name);
    }
    lease.require();
    progress.step(name);
    long start = System.nanoTime();
    T figures = step.run();
    report.add(name, figures, Duration.ofNanos(System.nanoTime() - start));
    return figures;
  }

  /** The log, as soon as Kafka answers; the caller's to close. */
  Log awaitLog() throws InterruptedException {
    Log log = Log.open(connection(), kafka.topic());
    try {
      new Waiting(settings.waitLimit(), stop)
          .waitFor(
              "Kafka at " + kafka.bootstrapServers(), () -> Optional.of(log.identity().topicId()));
      return log;
    } catch (RuntimeException | InterruptedException failure) {
      log.close();
      throw failure;
    }
  }

  private LogConnection connection() {
    return LogConnection.of(kafka.clientProperties());
  }

  EventDecoder.CreateTime createTime() {
    return kafka.trustCreateTime() ? EventDecoder.CreateTime.TRUST : EventDecoder.CreateTime.REJECT;
  }

  String name() {
    return report.run();
  }

  Settings settings() {
    return settings;
  }

  BatchLayerSettings own() {
    return own;
  }

  KafkaSettings kafka() {
    return kafka;
  }

  StopSignal stop() {
    return stop;
  }

  Lake lake() {
    return lake;
  }

  RunRecord record() {
    return record;
  }

  void record(RunRecord changed) {
    record = changed;
  }

  @Override
  public void close() {
    try {
      spark.stop();
    } finally {
      lease.close();
    }
  }
}
