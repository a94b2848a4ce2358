package io.foldlog.batch;

import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** The command {@code nightly}. */
@Command(
    name = "nightly",
    description = "Runs archive, fold, reconcile and maintain, one after another.")
final class NightlyCommand implements ApplicationCommand {

  @Mixin private ArchiveCommand.Arguments archive = new ArchiveCommand.Arguments();
  @Mixin private FoldCommand.Arguments fold = new FoldCommand.Arguments();
  @Mixin private ReconcileCommand.Arguments reconcile = new ReconcileCommand.Arguments();

  @ParentCommand private BatchLayer batchLayer;

  @Override
  public ApplicationOutcome run(ApplicationContext context) throws Exception {
    BatchSteps steps = new BatchSteps(context, batchLayer.environment());
    return CommandRun.of(
        "nightly",
        reconcile.recording(),
        context,
        batchLayer.environment().spark(),
        run -> {
          steps.archive(run, archive.options());
          steps.fold(run, fold.mode());
          steps.reconcile(run, reconcile.options());
          steps.maintain(run);
        });
  }
}
