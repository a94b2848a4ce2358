package io.foldlog.producer;

import io.foldlog.application.ApplicationCommand;
import io.foldlog.application.ExitStatus;
import io.foldlog.application.Settings;
import io.foldlog.application.StopSignal;
import io.foldlog.contract.PipelineException;
import picocli.CommandLine.Command;

/** What an operator does with the records that are no events. */
@Command(
    name = "dead-letters",
    description = "Counts, lists, shows and replays the records that were rejected.",
    subcommands = {
      CountDeadLettersCommand.class,
      ListDeadLettersCommand.class,
      ShowDeadLetterCommand.class,
      ReplayDeadLettersCommand.class
    })
final class DeadLettersCommand implements ApplicationCommand {

  @Override
  public ExitStatus run(Settings settings, StopSignal stop) {
    throw PipelineException.refused(
        "dead-letters needs a sub-command: count, list, show or replay.");
  }
}
