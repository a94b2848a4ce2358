package io.foldlog.batch;

import io.foldlog.application.Application;
import io.foldlog.application.ApplicationCommand;
import io.foldlog.application.ExitStatus;
import io.foldlog.application.Settings;
import io.foldlog.application.StopSignal;
import io.foldlog.contract.PipelineException;
import picocli.CommandLine.Command;

/** The batch layer's main: one command, a sub-command for each step, and one for all of them. */
@Command(
    name = "batch-layer",
    description = "Archives the log, folds it, and reconciles the view with the fold.",
    subcommands = {
      CheckCommand.class,
      ArchiveCommand.class,
      FoldCommand.class,
      ReconcileCommand.class,
      MaintainCommand.class,
      NightlyCommand.class
    })
public final class BatchLayer implements ApplicationCommand {

  public static void main(String[] arguments) {
    Application.main(new BatchLayer(), arguments);
  }

  @Override
  public ExitStatus run(Settings settings, StopSignal stop) {
    throw PipelineException.refused(
        "batch-layer needs a sub-command: archive, fold, reconcile, maintain, or nightly for the four in this order.");
  }
}
