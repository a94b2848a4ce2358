package io.foldlog.local.stack;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import io.foldlog.runtime.PrivateFile;
import io.foldlog.runtime.Settings;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;

/** Resolves the stack's settings, for the launcher and for the stack's programs. */
@Command(
    name = "resolve",
    description = {
      "Writes the settings file of the stack's programs, <stack.root>/state/run/settings.conf, and",
      "prints the settings that the launcher needs, as JSON."
    })
final class ResolveCommand implements ApplicationCommand {

  @Override
  public ApplicationOutcome run(ApplicationContext context) throws IOException {
    Settings settings = StackSettings.withStackDefaults(context.settings());
    ResolvedStackConfig resolved = ResolvedStackConfig.of(settings);
    PrivateFile.write(
        resolved.stack().settingsFile(), StackSettings.settingsFileText(context.settings()));
    SimpleModule plainPaths =
        new SimpleModule().addSerializer(Path.class, ToStringSerializer.instance);
    ObjectMapper mapper = new ObjectMapper().registerModule(plainPaths);
    context.out().println(mapper.writeValueAsString(resolved));
    return ApplicationOutcome.success();
  }
}
