package io.foldlog.batch;

import io.foldlog.application.ApplicationCommand;
import io.foldlog.application.ExitStatus;
import io.foldlog.application.Settings;
import io.foldlog.application.StopSignal;
import io.foldlog.batch.maintain.Maintain;
import picocli.CommandLine.Command;

/** Keeps the lake small and checks it. */
@Command(
    name = "maintain",
    description = "Joins small files of the lake, removes old ones, and checks its tables.")
final class MaintainCommand implements ApplicationCommand {

  @Override
  public ExitStatus run(Settings settings, StopSignal stop) throws Exception {
    return BatchRun.of(
        "maintain",
        settings,
        stop,
        run -> {
          maintain(run);
          return ExitStatus.DONE;
        });
  }

  static void maintain(BatchRun run) throws Exception {
    run.step(
        "maintain",
        () -> new Maintain(run.lake(), run.createTime(), run.own().vacuumRetention()).run());
  }
}
