package io.foldlog.batch;

import io.foldlog.batch.errors.BatchLayerErrors;
import io.foldlog.runtime.Application;
import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import java.util.Objects;
import picocli.CommandLine.Command;

/**
 * The main class of the batch layer. It has one sub-command for each step and one for all steps.
 * The result of a step command is the {@link RunReport} of its run.
 */
@Command(
    name = "foldlog batch",
    description = "Archives the log, folds it, and reconciles the view with the fold.",
    subcommands = {
      PreflightCommand.class,
      ArchiveCommand.class,
      FoldCommand.class,
      ReconcileCommand.class,
      MaintainCommand.class,
      NightlyCommand.class
    })
public final class BatchLayer implements ApplicationCommand {

  private final BatchEnvironment environment;

  public BatchLayer() {
    this(BatchEnvironment.ofProcess());
  }

  public BatchLayer(BatchEnvironment environment) {
    this.environment = Objects.requireNonNull(environment);
  }

  public static void main(String[] arguments) {
    Application.main(new BatchLayer(), arguments);
  }

  BatchEnvironment environment() {
    return environment;
  }

  @Override
  public ApplicationOutcome run(ApplicationContext context) {
    throw BatchLayerErrors.subcommandIsMissing();
  }
}
