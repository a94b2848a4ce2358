package io.foldlog.local.stack;

import io.foldlog.application.ApplicationCommand;
import io.foldlog.application.ExitStatus;
import io.foldlog.application.Settings;
import io.foldlog.application.StopSignal;
import java.io.IOException;
import picocli.CommandLine.Command;

/** Writes the servers' configuration; formats what is empty. */
@Command(
    name = "prepare",
    description = "Writes the servers' configuration and formats Kafka's storage when it is empty.")
final class PrepareCommand implements ApplicationCommand {

  @Override
  public ExitStatus run(Settings settings, StopSignal stop) throws IOException {
    StackSettings stack = StackSettings.from(settings);
    LocalServers.kafka(stack).prepare();
    LocalServers.cassandra(stack).prepare();
    return ExitStatus.DONE;
  }
}
