package io.foldlog.local.stack;

import io.foldlog.admin.RolePasswords;
import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import io.foldlog.runtime.Settings;
import io.foldlog.view.CassandraSettings;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes passwords and certificates before any server starts; running it again is harmless. */
@Command(
    name = "secrets",
    description = {
      "Generates the passwords, certificates and clients' files that are missing, for servers on",
      "the hosts of --hosts; without, on this machine's own."
    })
final class SecretsCommand implements ApplicationCommand {

  @Option(
      names = "--hosts",
      split = ",",
      paramLabel = "HOST",
      description = "Of Kafka's brokers and Cassandra's nodes, as clients name them.")
  private List<String> hosts = List.of();

  @Override
  public ApplicationOutcome run(ApplicationContext context) throws IOException {
    Settings settings = StackSettings.inForce(context.settings());
    StackSettings stack = StackSettings.from(settings);
    RolePasswords.generateMissing(CassandraSettings.from(settings));
    StackSecrets.of(stack).make(hosts.isEmpty() ? List.of(stack.address().host()) : hosts);
    return ApplicationOutcome.success();
  }
}
