package io.foldlog.local.stack;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;

/** Prints the plan. */
@Command(name = "plan", description = "Prints what the launcher has to know, as JSON.")
final class PlanCommand implements ApplicationCommand {

  @Override
  public ApplicationOutcome run(ApplicationContext context) throws IOException {
    SimpleModule plainPaths =
        new SimpleModule().addSerializer(Path.class, ToStringSerializer.instance);
    ObjectMapper mapper = new ObjectMapper().registerModule(plainPaths);
    context.out().println(mapper.writeValueAsString(Plan.of(context.settings())));
    return ApplicationOutcome.done();
  }
}
