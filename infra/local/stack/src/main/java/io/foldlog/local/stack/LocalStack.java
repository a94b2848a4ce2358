package io.foldlog.local.stack;

import io.foldlog.runtime.Application;
import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The Java part of the local stack: a sub-command for each step that the launcher runs. */
@Command(
    name = "local-stack",
    description = "Steps of the local stack that the launcher runs; see foldlog up.",
    subcommands = {PrepareCommand.class, ResolveCommand.class, SecretsCommand.class})
public final class LocalStack implements ApplicationCommand {
  @Spec private CommandSpec spec;

  public static void main(String[] arguments) {
    Application.main(new LocalStack(), arguments);
  }

  @Override
  public ApplicationOutcome run(ApplicationContext context) {
    throw new ParameterException(
        spec.commandLine(), "Name a step: " + String.join(", ", spec.subcommands().keySet()));
  }
}
