package io.foldlog.batch;

import io.foldlog.batch.reconcile.ReconcileOptions;
import io.foldlog.batch.reconcile.UserComparison.FuturePolicy;
import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import io.foldlog.view.DecodeVersions.OlderVersion;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** The command {@code reconcile}. */
@Command(
    name = "reconcile",
    description = "Compares the view with the fold of the log, and repairs what differs.")
final class ReconcileCommand implements ApplicationCommand {

  /** The options of the reconcile step, also for {@link NightlyCommand}. */
  static final class Arguments {

    @Option(
        names = "--scope",
        paramLabel = "changed|full",
        description =
            "changed: users with new events since the last successful reconcile, and one token range. full: all users. Default: changed.")
    ReconcileOptions.Scoping scope = ReconcileOptions.Scoping.CHANGED;

    @Option(names = "--dry-run", description = "Reports the drift and writes nothing.")
    boolean dryRun;

    @Option(
        names = "--overwrite-future",
        description =
            "Also repairs cells that are written in the future, if Cassandra accepts a later time.")
    boolean overwriteFuture;

    @Option(
        names = "--destructive-limit",
        paramLabel = "N",
        description =
            "Maximum number of users with destructive repairs. Default: 100, or 1 %% of the users, whichever is larger.")
    Optional<Long> destructiveLimit = Optional.empty();

    @Option(
        names = "--accept-older-version",
        description =
            "Repairs although a higher decode version has written to the view. Without it, such a run only reports.")
    boolean acceptOlderVersion;

    /** A dry run writes nothing to the lake. */
    CommandRun.Recording recording() {
      return dryRun ? CommandRun.Recording.UNRECORDED : CommandRun.Recording.RECORDED;
    }

    ReconcileOptions options() {
      return new ReconcileOptions(
          scope,
          dryRun ? ReconcileOptions.Writing.DRY_RUN : ReconcileOptions.Writing.REPAIR,
          overwriteFuture ? FuturePolicy.OVERWRITE : FuturePolicy.REPORT,
          destructiveLimit,
          acceptOlderVersion ? OlderVersion.ACCEPT : OlderVersion.REFUSE);
    }
  }

  @Mixin private Arguments arguments = new Arguments();

  @ParentCommand private BatchLayer batchLayer;

  @Override
  public ApplicationOutcome run(ApplicationContext context) throws Exception {
    BatchSteps steps = new BatchSteps(context, batchLayer.environment());
    return CommandRun.of(
        "reconcile",
        arguments.recording(),
        context,
        batchLayer.environment().spark(),
        run -> steps.reconcile(run, arguments.options()));
  }
}
