package io.foldlog.runtime;

import picocli.CommandLine.Command;

/** Prints the resolved settings, so that tools in other languages need no parser of their own. */
@Command(
    name = "settings",
    description = "Prints the resolved settings as JSON. They hold paths of secrets, no secrets.")
public final class SettingsMain implements ApplicationCommand {

  public static void main(String[] arguments) {
    Application.main(new SettingsMain(), arguments);
  }

  @Override
  public ApplicationOutcome run(ApplicationContext context) {
    context.out().println(context.settings().json());
    return ApplicationOutcome.done();
  }
}
