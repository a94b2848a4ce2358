package io.foldlog.batch;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.spark.connector.cql.CassandraConnector;
import io.foldlog.application.ApplicationCommand;
import io.foldlog.application.CassandraSettings;
import io.foldlog.application.ExitStatus;
import io.foldlog.application.Settings;
import io.foldlog.application.StopSignal;
import io.foldlog.application.Waiting;
import io.foldlog.batch.reconcile.Reconcile;
import io.foldlog.batch.reconcile.ReconcileFigures;
import io.foldlog.batch.reconcile.ReconcileOptions;
import io.foldlog.batch.reconcile.UserComparison.FuturePolicy;
import io.foldlog.contract.PipelineException;
import io.foldlog.log.Log;
import io.foldlog.view.ViewConnection;
import io.foldlog.view.ViewCredentials;
import io.foldlog.view.ViewSession;
import io.foldlog.view.ViewTable;
import io.foldlog.view.ViewTrust;
import java.util.Optional;
import org.apache.spark.SparkConf;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Compares the view with the fold, and repairs it. */
@Command(
    name = "reconcile",
    description = "Compares the view with the fold of the log, and repairs what differs.")
final class ReconcileCommand implements ApplicationCommand {

  private static final int LINES = 20;

  /** What the reconcile may be told. */
  static final class Arguments {

    @Option(
        names = "--scope",
        paramLabel = "changed|full",
        description =
            "changed: who changed since the last successful reconcile, and a slice of the ring. full: everybody. Default: changed.")
    ReconcileOptions.Scoping scope = ReconcileOptions.Scoping.CHANGED;

    @Option(names = "--dry-run", description = "The reconcile reports, and writes nothing.")
    boolean dryRun;

    @Option(
        names = "--overwrite-future",
        description = "Repairs cells that were written in the future, too.")
    boolean overwriteFuture;

    @Option(
        names = "--destructive-limit",
        paramLabel = "N",
        description =
            "How many users' cells may be overwritten or removed at most. Default: 100, or 1 %% of the users.")
    long destructiveLimit = ReconcileOptions.DEFAULT_LIMIT;

    ReconcileOptions options() {
      return new ReconcileOptions(
          scope,
          dryRun ? ReconcileOptions.Writing.DRY_RUN : ReconcileOptions.Writing.REPAIR,
          overwriteFuture ? FuturePolicy.OVERWRITE : FuturePolicy.REPORT,
          destructiveLimit);
    }
  }

  @Mixin private Arguments arguments = new Arguments();

  @Override
  public ExitStatus run(Settings settings, StopSignal stop) throws Exception {
    return BatchRun.of(
        "reconcile",
        settings,
        stop,
        run -> {
          reconcile(run, arguments);
          return ExitStatus.DONE;
        });
  }

  static void reconcile(BatchRun run, Arguments arguments) throws Exception {
    if (arguments.dryRun) {
      run.record(run.record().unkept());
    }
    CassandraSettings cassandra = CassandraSettings.from(run.settings());
    SparkConf connector = connector(run, cassandra);
    try (Log log = run.awaitLog()) {
      awaitView(run, cassandra);
      try (CqlSession session = CassandraConnector.apply(connector).openSession()) {
        ReconcileFigures figures =
            run.step(
                "reconcile",
                () -> {
                  ReconcileFigures found =
                      new Reconcile(
                              run.lake(),
                              log,
                              new Reconcile.View(
                                  session,
                                  connector,
                                  cassandra.keyspace(),
                                  run.own().maxWritesInFlight()),
                              run.createTime(),
                              run.own().ringSlices(),
                              run.name())
                          .run(arguments.options());
                  run.record(
                      run.record()
                          .reconciled(
                              found.scope(),
                              found.slice(),
                              run.own().ringSlices(),
                              found.usersVersion(),
                              run.lake().users().metadata()));
                  return found;
                });
        figures.details().stream().limit(LINES).forEach(each -> System.out.println(each.line()));
        requireDone(figures);
      }
    }
  }

  private static void requireDone(ReconcileFigures figures) {
    if (figures.outcome().equals("limit")) {
      throw PipelineException.destructiveLimit(
          "%d users have cells that no event of the log explains, and the limit is %d: nothing was written. See the report; if the log is right: reconcile --destructive-limit %d"
              .formatted(figures.destructive(), figures.limit(), figures.destructive()));
    }
    if (figures.outcome().equals("drift")) {
      throw PipelineException.unyieldingDrift(
          "The view still differs from the log: %d users whose repairs do not take, %d with cells written in the future (reconcile --overwrite-future), %d held back while a newer speed layer runs (run its release of the batch layer). The report names them."
              .formatted(figures.blocked(), figures.leftInFuture(), figures.heldBack()));
    }
  }

  /** The login is set here, in memory: on a command line anybody could read it. */
  private static SparkConf connector(BatchRun run, CassandraSettings cassandra) {
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

  private static void awaitView(BatchRun run, CassandraSettings cassandra)
      throws InterruptedException {
    ViewConnection connection =
        ViewConnection.to(
            cassandra.contactPoints(),
            cassandra.port(),
            cassandra.localDatacenter(),
            cassandra.keyspace(),
            new ViewCredentials(cassandra.writer().user(), cassandra.writer().password().read()),
            cassandra
                .trustStore()
                .map(trust -> new ViewTrust(trust.file(), trust.password().read())));
    try (CqlSession session =
        new Waiting(run.settings().waitLimit(), run.stop())
            .waitFor(
                "Cassandra at " + connection.hosts(),
                () -> Optional.of(ViewSession.open(connection)))) {
      ViewTable.in(cassandra.keyspace()).require(session);
    }
  }
}
