package io.foldlog.batch;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.spark.connector.cql.CassandraConnector;
import io.foldlog.batch.archive.Archive;
import io.foldlog.batch.archive.ArchiveOptions;
import io.foldlog.batch.errors.BatchLayerErrors;
import io.foldlog.batch.faultpoint.FaultPoints;
import io.foldlog.batch.fold.Fold;
import io.foldlog.batch.maintain.Maintain;
import io.foldlog.batch.reconcile.Reconcile;
import io.foldlog.batch.reconcile.ReconcileFigures;
import io.foldlog.batch.reconcile.ReconcileOptions;
import io.foldlog.contract.DecodeRules;
import io.foldlog.contract.PipelineException;
import io.foldlog.log.EndOffsets;
import io.foldlog.log.EventTopic;
import io.foldlog.log.KafkaSettings;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.StartupTimeout;
import io.foldlog.view.CassandraSettings;
import io.foldlog.view.SkippedRecords;
import io.foldlog.view.ViewConnection;
import io.foldlog.view.ViewSession;
import io.foldlog.view.ViewTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.SparkConf;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates the steps from the settings and runs them. */
final class BatchSteps {

  private static final Logger LOG = LoggerFactory.getLogger(BatchSteps.class);
  private static final int MAX_PRINTED_FINDINGS = 20;

  private final ApplicationContext context;
  private final KafkaSettings kafka;
  private final BatchLayerSettings settings;
  private final DecodeRules rules;
  private final FaultPoints faultPoints;

  BatchSteps(ApplicationContext context, BatchEnvironment environment) {
    this.context = context;
    this.kafka = KafkaSettings.from(context.settings());
    this.settings = BatchLayerSettings.from(context.settings());
    this.rules = environment.rules().apply(kafka.createTime());
    this.faultPoints = environment.faultPoints();
  }

  void archive(CommandRun run, ArchiveOptions options) throws Exception {
    try (EventTopic log = openLog()) {
      passOverSkipped(log);
      Archive archive =
          new Archive(
              run.lake(), log, kafka.clientProperties(), run.name(), context.clock(), faultPoints);
      run.step("archive", () -> archive.run(options));
    }
  }

  void fold(CommandRun run, Fold.Mode mode) throws Exception {
    Fold fold = new Fold(run.lake(), rules, run.name(), faultPoints);
    run.step("fold", () -> fold.run(mode));
  }

  /**
   * Runs the reconcile step.
   *
   * @throws PipelineException when the destructive limit is exceeded or drift is unresolved
   */
  void reconcile(CommandRun run, ReconcileOptions options) throws Exception {
    CassandraSettings cassandra = CassandraSettings.from(context.settings());
    SparkConf connector = connector(run, cassandra);
    try (EventTopic log = openLog()) {
      log.metadata(); // rejects an unsuitable topic before the wait for Cassandra
      awaitView(cassandra);
      try (CqlSession session = openSession(connector)) {
        passOverSkipped(log, session, cassandra.keyspace());
        Reconcile reconcile =
            new Reconcile(
                run.lake(),
                log,
                new Reconcile.View(
                    session, connector, cassandra.keyspace(), settings.maxWritesInFlight()),
                rules,
                settings.tokenRanges(),
                run.name(),
                context.clock(),
                faultPoints);
        ReconcileFigures figures = run.step("reconcile", () -> reconcile.run(options));
        figures.details().stream()
            .limit(MAX_PRINTED_FINDINGS)
            .forEach(each -> context.out().println(each.line()));
        figures.unresolvedCells().stream()
            .limit(MAX_PRINTED_FINDINGS)
            .forEach(each -> context.out().println(each.line()));
        requireResolved(figures);
      }
    }
  }

  void maintain(CommandRun run) throws Exception {
    Maintain maintain =
        new Maintain(run.lake(), rules, settings.vacuumRetention(), context.clock(), faultPoints);
    run.step("maintain", maintain::run);
  }

  private static void requireResolved(ReconcileFigures figures) {
    switch (figures.outcome()) {
      case CLEAN, REPAIRED, DRIFT_FOUND, EXCLUDED_BY_GAP -> {
        // the findings are in the report
      }
      case REPAIR_LIMIT_EXCEEDED ->
          throw BatchLayerErrors.repairLimitExceeded(
              figures.destructive(), figures.limit(), figures.destructiveAtRecordTimes());
      case UNRESOLVED_DRIFT ->
          throw figures
              .newerDecodeVersion()
              .map(
                  newer ->
                      BatchLayerErrors.newerDecodeVersionHasWritten(
                          figures.drifted(), newer, figures.pinned().decodeVersion()))
              .orElseGet(() -> BatchLayerErrors.viewStillDiffers(unresolvedUsers(figures)));
    }
  }

  private static List<String> unresolvedUsers(ReconcileFigures figures) {
    List<String> phrases = new ArrayList<>();
    new TreeMap<>(figures.unresolved())
        .forEach(
            (reason, users) ->
                phrases.add(
                    switch (reason) {
                      case FUTURE_WRITETIME -> BatchLayerErrors.usersWithFutureWritetime(users);
                      case HIGHEST_WRITETIME -> BatchLayerErrors.usersWithHighestWritetime(users);
                      case REJECTED -> BatchLayerErrors.usersWithRejectedRepair(users);
                      case FUTURE_DELETION -> BatchLayerErrors.usersCoveredByFutureDeletion(users);
                      case FUTURE_ROW_MARKER -> BatchLayerErrors.usersWithFutureRowMarker(users);
                      case NOT_APPLIED -> BatchLayerErrors.usersWithRepairNotApplied(users);
                    }));
    return phrases;
  }

  /**
   * An archive does not depend on Cassandra. If it does not answer, the archive goes on without the
   * list of skipped records, and ends at such a record again.
   */
  private void passOverSkipped(EventTopic log) {
    CassandraSettings cassandra = CassandraSettings.from(context.settings());
    try (CqlSession session = ViewSession.open(cassandra.connection(cassandra.writer()))) {
      passOverSkipped(log, session, cassandra.keyspace());
    } catch (PipelineException failure) {
      LOG.warn("event=skipped_records_not_read reason=\"{}\"", failure.getMessage());
    }
  }

  private static void passOverSkipped(EventTopic log, CqlSession session, String keyspace) {
    EndOffsets end = log.end();
    log.passOver(new SkippedRecords(session, keyspace).of(end.offsets().topicId()), end);
  }

  /** Opens the log. The caller closes it. */
  private EventTopic openLog() {
    return EventTopic.open(CommandRun.connection(context), kafka.topic());
  }

  /** Sets the login here, in memory, because other users can read a command line. */
  private static SparkConf connector(CommandRun run, CassandraSettings cassandra) {
    SparkConf conf =
        run.lake()
            .spark()
            .sparkContext()
            .getConf()
            .set("spark.cassandra.connection.timeoutMS", "10000")
            .set("spark.cassandra.connection.keepAliveMS", "5000");
    cassandra.connector(cassandra.writer()).forEach(conf::set);
    return conf;
  }

  /** Waits as well, because a node may become unavailable after {@link #awaitView}. */
  private CqlSession openSession(SparkConf connector) throws InterruptedException {
    return new StartupTimeout(context.settings().startupTimeout(), context.stop())
        .waitFor(
            "Cassandra, to the Spark Cassandra connector,",
            () -> Optional.of(CassandraConnector.apply(connector).openSession()));
  }

  private void awaitView(CassandraSettings cassandra) throws InterruptedException {
    ViewConnection connection = cassandra.connection(cassandra.writer());
    try (CqlSession session =
        new StartupTimeout(context.settings().startupTimeout(), context.stop())
            .waitFor(
                "Cassandra at " + connection.hosts(),
                () -> Optional.of(ViewSession.open(connection)))) {
      ViewTable.in(cassandra.keyspace()).require(session);
    }
  }
}
