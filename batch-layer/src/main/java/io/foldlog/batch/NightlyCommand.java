package io.foldlog.batch;

import io.foldlog.application.ApplicationCommand;
import io.foldlog.application.ExitStatus;
import io.foldlog.application.Settings;
import io.foldlog.application.StopSignal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The four steps in one. */
@Command(
    name = "nightly",
    description = "archive, fold, reconcile and maintain, one after another.")
final class NightlyCommand implements ApplicationCommand {

  @Mixin private ArchiveCommand.Arguments archive = new ArchiveCommand.Arguments();
  @Mixin private FoldCommand.Arguments fold = new FoldCommand.Arguments();
  @Mixin private ReconcileCommand.Arguments reconcile = new ReconcileCommand.Arguments();

  @Override
  public ExitStatus run(Settings settings, StopSignal stop) throws Exception {
    return BatchRun.of(
        "nightly",
        settings,
        stop,
        run -> {
          ArchiveCommand.archive(run, archive);
          FoldCommand.fold(run, fold);
          ReconcileCommand.reconcile(run, reconcile);
          MaintainCommand.maintain(run);
          return ExitStatus.DONE;
        });
  }
}
