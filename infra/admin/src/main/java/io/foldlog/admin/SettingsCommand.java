package io.foldlog.admin;

import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import io.foldlog.runtime.Settings;
import java.util.List;
import picocli.CommandLine.Command;

/** Prints the effective settings and the origin of each value. */
@Command(
    name = "settings",
    description = {
      "Prints the effective settings and, for each, the file and line or the environment variable that sets it.",
      "Settings hold paths of secrets, never secrets."
    })
final class SettingsCommand implements ApplicationCommand {

  @Override
  public ApplicationOutcome run(ApplicationContext context) {
    List<Settings.Entry> entries = context.settings().entries();
    for (Settings.Entry entry : entries) {
      context.out().printf("%s = %s  # %s%n", entry.path(), entry.value(), entry.origin());
    }
    return ApplicationOutcome.success(entries);
  }
}
