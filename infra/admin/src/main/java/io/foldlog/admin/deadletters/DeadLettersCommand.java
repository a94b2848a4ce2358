package io.foldlog.admin.deadletters;

import io.foldlog.admin.errors.AdminErrors;
import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import picocli.CommandLine.Command;

/** The parent of the commands for rejected records. */
@Command(
    name = "dead-letters",
    description =
        "Counts, lists, shows and replays the records that were rejected, and skips a record that no process can handle.",
    subcommands = {
      CountDeadLettersCommand.class,
      ListDeadLettersCommand.class,
      ShowDeadLetterCommand.class,
      ReplayDeadLettersCommand.class,
      SkipRecordCommand.class
    })
public final class DeadLettersCommand implements ApplicationCommand {

  @Override
  public ApplicationOutcome run(ApplicationContext context) {
    throw AdminErrors.subcommandIsMissing();
  }
}
