package io.foldlog.local.stack;

import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import io.foldlog.runtime.CassandraSettings;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.runtime.KafkaSettings;
import io.foldlog.log.LogConnection;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Command;

/** Looks whether servers that others run will do, and changes nothing there. */
@Command(
    name = "check",
    description = {
      "Looks whether Kafka and Cassandra answer, have what the settings say, and give the pipeline",
      "the rights that it needs. Changes nothing on them; generates passwords that are missing."
    })
final class CheckCommand implements ApplicationCommand {
  /** Not the application's wait.limit: it says what is in the way now. */
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);

  @Override
  public ApplicationOutcome run(ApplicationContext context)
      throws IOException, InterruptedException {
    KafkaSettings kafka = KafkaSettings.from(context.settings());
    CassandraSettings cassandra = CassandraSettings.from(context.settings());
    StackSecrets.generatePasswords(cassandra);
    Preflight preflight =
        new Preflight(
            kafka.external()
                ? Optional.of(LogConnection.of(kafka.clientProperties()).within(ANSWER_LIMIT))
                : Optional.empty(),
            Connections.topics(kafka),
            cassandra.external()
                ? Optional.of(Connections.provisioning(cassandra))
                : Optional.empty());
    Preflight.Result result = preflight.run();
    result.findings().stream()
        .filter(finding -> finding.status() == ExitStatus.DONE)
        .forEach(context.out()::println);
    return ApplicationOutcome.of(result.status(), result.problems(), result);
  }
}
