package io.foldlog.batch;

import io.foldlog.batch.reconcile.ReconcileOptions;
import io.foldlog.batch.reconcile.UserComparison.FuturePolicy;
import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Compares the view with the fold, and repairs it. */
@Command(
    name = "reconcile",
    description = "Compares the view with the fold of the log, and repairs what differs.")
final class ReconcileCommand implements ApplicationCommand {

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
    Optional<Long> destructiveLimit = Optional.empty();

    /** A dry run leaves nothing in the lake. */
    CommandRun.Recording recording() {
      return dryRun ? CommandRun.Recording.UNRECORDED : CommandRun.Recording.RECORDED;
    }

    ReconcileOptions options() {
      return new ReconcileOptions(
          scope,
          dryRun ? ReconcileOptions.Writing.DRY_RUN : ReconcileOptions.Writing.REPAIR,
          overwriteFuture ? FuturePolicy.OVERWRITE : FuturePolicy.REPORT,
          destructiveLimit);
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
