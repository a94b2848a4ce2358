package io.foldlog.admin;

import io.foldlog.admin.deadletters.DeadLettersCommand;
import io.foldlog.admin.verify.Verifier;
import io.foldlog.runtime.Application;
import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The operator's application. Its sub-commands do the work. */
@Command(
    name = "foldlog",
    description = "Administers the pipeline: topics, view, dead letters, status.",
    subcommands = {
      ProvisionCommand.class,
      PreflightCommand.class,
      Verifier.class,
      DeadLettersCommand.class,
      StatusCommand.class,
      SettingsCommand.class
    })
public final class AdminApplication implements ApplicationCommand {
  @Spec private CommandSpec spec;

  public static void main(String[] arguments) {
    Application.main(new AdminApplication(), arguments);
  }

  @Override
  public ApplicationOutcome run(ApplicationContext context) {
    throw new ParameterException(
        spec.commandLine(), "Name a command: " + String.join(", ", spec.subcommands().keySet()));
  }
}
