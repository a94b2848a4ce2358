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

/** Creates passwords and certificates before any server starts. A second run changes nothing. */
@Command(
    name = "secrets",
    description = {
      "Generates missing passwords, certificates and client files for the servers on the hosts of",
      "--hosts; default: the host of this machine."
    })
final class SecretsCommand implements ApplicationCommand {

  @Option(
      names = "--hosts",
      split = ",",
      paramLabel = "HOST",
      description = "Hosts of Kafka's brokers and Cassandra's nodes, as clients name them.")
  private List<String> hosts = List.of();

  @Override
  public ApplicationOutcome run(ApplicationContext context) throws IOException {
    Settings settings = StackSettings.withStackDefaults(context.settings());
    StackSettings stack = StackSettings.from(settings);
    RolePasswords.generateMissing(CassandraSettings.from(settings));
    StackSecrets.of(stack).createMissing(hosts.isEmpty() ? List.of(stack.address().host()) : hosts);
    return ApplicationOutcome.success();
  }
}
