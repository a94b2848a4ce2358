package io.foldlog.local.stack;

import io.foldlog.log.KafkaSettings;
import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import io.foldlog.runtime.Settings;
import io.foldlog.view.CassandraSettings;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Writes the servers' configuration and formats empty storage. */
@Command(
    name = "prepare",
    description = {
      "Writes the servers' configuration and formats Kafka's storage if it is empty. With",
      "stack.tls it first creates the certificates of this machine, unless they exist."
    })
final class PrepareCommand implements ApplicationCommand {

  /** A server of the stack. */
  enum Server {
    KAFKA,
    CASSANDRA
  }

  @Parameters(
      arity = "0..*",
      paramLabel = "SERVER",
      description = "${COMPLETION-CANDIDATES}; default: all servers that the stack runs.")
  private Set<Server> servers = EnumSet.noneOf(Server.class);

  @Override
  public ApplicationOutcome run(ApplicationContext context) throws IOException {
    Settings settings = StackSettings.withStackDefaults(context.settings());
    StackSettings stack = StackSettings.from(settings);
    if (stack.tls()) {
      StackSecrets.of(stack).createMissing(List.of(stack.address().host()));
    }
    KafkaSettings log = KafkaSettings.from(settings);
    if (isSelected(Server.KAFKA, log.external())) {
      LocalServers.kafka(stack, log).prepare();
    }
    if (isSelected(Server.CASSANDRA, CassandraSettings.from(settings).external())) {
      LocalServers.cassandra(stack).prepare();
    }
    return ApplicationOutcome.success();
  }

  private boolean isSelected(Server server, boolean external) {
    return servers.contains(server) || servers.isEmpty() && !external;
  }
}
