package io.foldlog.batch;

import io.foldlog.application.ApplicationCommand;
import io.foldlog.application.ExitStatus;
import io.foldlog.application.Settings;
import io.foldlog.application.StopSignal;
import io.foldlog.batch.fold.Fold;
import io.foldlog.batch.fold.FoldFigures;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Folds archived events into users. */
@Command(name = "fold", description = "Folds what was archived into the state of each user.")
final class FoldCommand implements ApplicationCommand {

  /** What the fold may be told. */
  static final class Arguments {

    @Option(names = "--full", description = "Folds the whole archive anew.")
    boolean full;
  }

  @Mixin private Arguments arguments = new Arguments();

  @Override
  public ExitStatus run(Settings settings, StopSignal stop) throws Exception {
    return BatchRun.of(
        "fold",
        settings,
        stop,
        run -> {
          fold(run, arguments);
          return ExitStatus.DONE;
        });
  }

  static FoldFigures fold(BatchRun run, Arguments arguments) throws Exception {
    return run.step(
        "fold",
        () ->
            new Fold(run.lake(), run.createTime(), run.name())
                .run(arguments.full ? Fold.Mode.FULL : Fold.Mode.NEW_EVENTS));
  }
}
