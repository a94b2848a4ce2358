package io.foldlog.batch;

import io.foldlog.batch.fold.Fold;
import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** The command {@code fold}. */
@Command(name = "fold", description = "Folds the archived events into the state of each user.")
final class FoldCommand implements ApplicationCommand {

  /** The options of the fold step, also for {@link NightlyCommand}. */
  static final class Arguments {

    @Option(names = "--full", description = "Folds the whole archive again.")
    boolean full;

    Fold.Mode mode() {
      return full ? Fold.Mode.FULL : Fold.Mode.NEW_EVENTS;
    }
  }

  @Mixin private Arguments arguments = new Arguments();

  @ParentCommand private BatchLayer batchLayer;

  @Override
  public ApplicationOutcome run(ApplicationContext context) throws Exception {
    BatchSteps steps = new BatchSteps(context, batchLayer.environment());
    return CommandRun.of(
        "fold",
        CommandRun.Recording.RECORDED,
        context,
        batchLayer.environment().spark(),
        run -> steps.fold(run, arguments.mode()));
  }
}
