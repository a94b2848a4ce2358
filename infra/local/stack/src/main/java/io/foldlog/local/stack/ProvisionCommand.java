package io.foldlog.local.stack;

import io.foldlog.application.ApplicationCommand;
import io.foldlog.application.CassandraSettings;
import io.foldlog.application.ExitStatus;
import io.foldlog.application.KafkaSettings;
import io.foldlog.application.Settings;
import io.foldlog.application.StopSignal;
import io.foldlog.application.Waiting;
import io.foldlog.contract.PipelineException;
import io.foldlog.log.LogConnection;
import io.foldlog.log.TopicProvisioning;
import io.foldlog.log.TopicSpecification;
import io.foldlog.view.ViewProvisioning;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes topics, view, roles and passwords what the settings say; running it again is harmless. */
@Command(
    name = "provision",
    description = {
      "Waits for Kafka and Cassandra, then makes topics, keyspace, table, indexes and roles.",
      "Generates the passwords that are missing and locks Cassandra's default superuser."
    })
final class ProvisionCommand implements ApplicationCommand {
  private static final Logger LOG = LoggerFactory.getLogger(ProvisionCommand.class);
  private static final Duration ONE_ATTEMPT = Duration.ofSeconds(10);

  /** A new cluster answers a little before it has created its first role. */
  private static final Duration FIRST_ROLE_LIMIT = Duration.ofSeconds(20);

  @Option(
      names = "--marker",
      paramLabel = "FILE",
      description = "A file to write when all is there; programs may wait for it.")
  private Path marker;

  @Override
  public ExitStatus run(Settings settings, StopSignal stop)
      throws IOException, InterruptedException {
    CassandraSettings cassandra = CassandraSettings.from(settings);
    StackSecrets.generatePasswords(cassandra);
    provisionLog(KafkaSettings.from(settings), new Waiting(settings.waitLimit(), stop));
    provisionView(cassandra, settings.waitLimit(), stop);
    if (marker != null) {
      Files.writeString(marker, "provisioned\n");
    }
    return ExitStatus.DONE;
  }

  private static void provisionLog(KafkaSettings kafka, Waiting waiting)
      throws InterruptedException {
    LogConnection connection = LogConnection.of(kafka.clientProperties()).within(ONE_ATTEMPT);
    for (TopicSpecification topic : Connections.topics(kafka)) {
      TopicProvisioning.Outcome outcome =
          waiting.waitFor(
              "Kafka at " + kafka.bootstrapServers(),
              () -> Optional.of(TopicProvisioning.provision(connection, topic)));
      LOG.info("topic={} outcome={}", topic.topic(), outcome);
    }
  }

  private static void provisionView(CassandraSettings cassandra, Duration limit, StopSignal stop)
      throws InterruptedException {
    ViewProvisioning provisioning = Connections.provisioning(cassandra);
    long firstRoleBy = 0;
    while (true) {
      try {
        provisioning.provision(limit);
        LOG.info("keyspace={} outcome=PROVISIONED", cassandra.keyspace());
        return;
      } catch (PipelineException failure) {
        if (failure.kind() != PipelineException.Kind.REFUSED || cassandra.external()) {
          throw failure;
        }
        long now = System.nanoTime();
        firstRoleBy = firstRoleBy == 0 ? now + FIRST_ROLE_LIMIT.toNanos() : firstRoleBy;
        if (now - firstRoleBy >= 0 || stop.await(Duration.ofSeconds(1))) {
          throw failure;
        }
      }
    }
  }
}
