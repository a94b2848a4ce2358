package io.foldlog.admin.deadletters;

import io.foldlog.admin.errors.AdminErrors;
import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
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
public final class DeadLettersCommand implements ApplicationCommand {

  @Override
  public ApplicationOutcome run(ApplicationContext context) {
    throw AdminErrors.subcommandIsMissing();
  }
}
