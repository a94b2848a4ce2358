package io.foldlog.admin;

import io.foldlog.log.KafkaSettings;
import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import io.foldlog.view.CassandraSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Creates topics, view, roles and passwords as the settings specify. A second run changes nothing.
 */
@Command(
    name = "provision",
    description = {
      "Waits for Kafka and Cassandra, then creates topics, keyspace, table, indexes and roles.",
      "Generates the passwords that are missing and locks Cassandra's default superuser."
    })
final class ProvisionCommand implements ApplicationCommand {
  @Option(
      names = "--marker",
      paramLabel = "FILE",
      description =
          "A file to write after provisioning has succeeded; other programs may wait for it.")
  private Path marker;

  @Override
  public ApplicationOutcome run(ApplicationContext context)
      throws IOException, InterruptedException {
    CassandraSettings cassandra = CassandraSettings.from(context.settings());
    KafkaSettings kafka = KafkaSettings.from(context.settings());
    RolePasswords.generateMissing(cassandra);
    Provisioning provisioning =
        new Provisioning(
            kafka.clients(),
            kafka.topics(),
            cassandra.provisioning(),
            context.settings().startupTimeout(),
            context.stop());
    Provisioning.Result result = provisioning.run();
    if (marker != null) {
      Files.writeString(marker, "provisioned\n");
    }
    return ApplicationOutcome.success(result);
  }
}
