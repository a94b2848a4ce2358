package io.foldlog.batch;

import io.foldlog.batch.lake.Lake;
import io.foldlog.batch.lake.LakeLease;
import io.foldlog.contract.PipelineException;
import io.foldlog.log.KafkaClients;
import io.foldlog.log.KafkaSettings;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.runtime.StopSignal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of a command. It holds the lake's lease while its steps run one after another. It writes
 * a report, even if it fails.
 */
final class CommandRun {

  private static final Logger LOG = LoggerFactory.getLogger(CommandRun.class);
  private static final DateTimeFormatter RUN_TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);

  private final String name;
  private final String command;
  private final Instant started;
  private final ApplicationContext context;
  private final BatchLayerSettings settings;
  private final LakeLease lease;
  private final RunJobs jobs;
  private final Lake lake;
  private final List<RunReport.Step> steps = new ArrayList<>();

  /** Whether a run is recorded in the table {@code reconcile_runs}. */
  enum Recording {
    RECORDED,
    UNRECORDED
  }

  @FunctionalInterface
  interface Step<T> {
    /** Runs the step and returns its typed result. */
    T run() throws Exception;
  }

  /** The steps of a command. */
  @FunctionalInterface
  interface Work {
    void run(CommandRun run) throws Exception;
  }

  private CommandRun(
      String name,
      String command,
      Instant started,
      ApplicationContext context,
      BatchLayerSettings settings,
      LakeLease lease,
      RunJobs jobs,
      Lake lake) {
    this.name = name;
    this.command = command;
    this.started = started;
    this.context = context;
    this.settings = settings;
    this.lease = lease;
    this.jobs = jobs;
    this.lake = lake;
  }

  /**
   * Runs a command's steps. The result is the {@link RunReport}, even if the run failed.
   *
   * @throws PipelineException when the run could not start
   * @throws Exception any other failure, which is an internal error
   */
  static ApplicationOutcome of(
      String command,
      Recording recording,
      ApplicationContext context,
      SparkSource source,
      Work work)
      throws Exception {
    Instant started = context.clock().instant();
    String name = RUN_TIME.format(started) + "-" + command;
    BatchLayerSettings settings = BatchLayerSettings.from(context.settings());
    KafkaClients log = connection(context);
    try (LakeLease lease = LakeLease.take(settings.lake(), name, started)) {
      Optional<SparkSession> previous = activeSession();
      SparkSession spark = source.open(settings);
      try {
        SparkSession.setActiveSession(spark);
        Configuration hadoop = spark.sparkContext().hadoopConfiguration();
        settings.lake().hadoop().forEach(hadoop::set);
        try (RunJobs jobs = RunJobs.open(spark.sparkContext())) {
          context.stop().onRequest(jobs::cancel);
          lease.onLoss(jobs::cancel);
          Lake lake = new Lake(spark, settings.lake().root());
          return new CommandRun(name, command, started, context, settings, lease, jobs, lake)
              .run(work, recording, log);
        }
      } finally {
        SparkSession.clearActiveSession();
        source.close(spark);
        previous.ifPresent(SparkSession::setActiveSession);
      }
    }
  }

  private static Optional<SparkSession> activeSession() {
    scala.Option<SparkSession> active = SparkSession.getActiveSession();
    return active.isDefined() ? Optional.of(active.get()) : Optional.empty();
  }

  /** The clients for the brokers of the settings, which wait up to the startup timeout. */
  static KafkaClients connection(ApplicationContext context) {
    return KafkaSettings.from(context.settings())
        .connection(context.settings().startupTimeout(), context.stop());
  }

  private ApplicationOutcome run(Work work, Recording recording, KafkaClients log)
      throws Exception {
    try {
      work.run(this);
      return ApplicationOutcome.success(finish(ExitStatus.SUCCESS, "", recording));
    } catch (InterruptedException interruption) {
      return stopped(interruption, recording);
    } catch (Exception | LinkageError failure) {
      StopSignal stop = context.stop();
      if (stop.isRequested()) {
        LOG.debug("event=run_stopped", failure);
        return stopped(new InterruptedException("stopped"), recording);
      }
      Exception translated = translated(log, failure);
      if (translated instanceof PipelineException known) {
        LOG.debug("event=run_failed", failure);
        ExitStatus status = ExitStatus.of(known.kind());
        String message = String.valueOf(known.getMessage());
        return ApplicationOutcome.of(status, message, finish(status, message, recording));
      }
      finish(ExitStatus.INTERNAL_ERROR, String.valueOf(translated.getMessage()), recording);
      throw translated;
    }
  }

  private ApplicationOutcome stopped(InterruptedException interruption, Recording recording)
      throws Exception {
    Optional<ExitStatus> status = context.stop().status();
    RunReport report = finish(status.orElse(ExitStatus.INTERNAL_ERROR), "interrupted", recording);
    if (status.isEmpty()) {
      throw interruption;
    }
    return ApplicationOutcome.of(status.get(), "", report);
  }

  /** Reports the lost lease instead of a failure that happened after the loss. */
  private Exception translated(KafkaClients log, Throwable failure) {
    try {
      lease.require();
    } catch (PipelineException lost) {
      LOG.debug("event=run_failed_after_lease_lost", failure);
      return lost;
    }
    return StepFailure.of(log, failure);
  }

  private RunReport finish(ExitStatus status, String message, Recording recording)
      throws Exception {
    RunReport report =
        new RunReport(name, command, started, context.clock().instant(), status, message, steps);
    Path file = report.write(settings.reports());
    if (recording == Recording.RECORDED && !context.stop().isRequested()) {
      try {
        // a run without the lease must not write to the lake
        lease.require();
        new RunRecord(report, settings.tokenRanges()).append(lake);
      } catch (Exception failure) { // Spark throws checked exceptions that it does not declare
        LOG.warn("event=run_not_recorded reason=\"{}\" report={}", failure.getMessage(), file);
        if (status == ExitStatus.SUCCESS) {
          throw failure;
        }
      }
    }
    context.out().printf("%s status=%d run=%s report=%s%n", command, status.code(), name, file);
    return report;
  }

  /** Runs a step, measures its time and prints its result. */
  <T> T step(String step, Step<T> action) throws Exception {
    if (context.stop().isRequested()) {
      throw new InterruptedException("stopped before " + step);
    }
    lease.require();
    jobs.step(step);
    long start = System.nanoTime();
    T result = action.run();
    RunReport.Step report =
        new RunReport.Step(step, result, Duration.ofNanos(System.nanoTime() - start));
    steps.add(report);
    context.out().println(report.line());
    return result;
  }

  String name() {
    return name;
  }

  Lake lake() {
    return lake;
  }
}
