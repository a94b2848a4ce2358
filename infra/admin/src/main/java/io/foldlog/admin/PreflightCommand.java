package io.foldlog.admin;

import io.foldlog.contract.DecodeRules;
import io.foldlog.log.KafkaSettings;
import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.view.CassandraSettings;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Command;

/** Checks external servers and changes nothing on them. */
@Command(
    name = "preflight",
    description = {
      "Checks that Kafka and Cassandra answer, are configured as the settings say, and grant the",
      "rights that the pipeline needs. Changes nothing on them; generates missing passwords."
    })
final class PreflightCommand implements ApplicationCommand {
  /** Shorter than runtime.startup-timeout, because preflight reports the present state. */
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(10);

  @Override
  public ApplicationOutcome run(ApplicationContext context)
      throws IOException, InterruptedException {
    KafkaSettings kafka = KafkaSettings.from(context.settings());
    CassandraSettings cassandra = CassandraSettings.from(context.settings());
    RolePasswords.generateMissing(cassandra);
    Preflight preflight =
        new Preflight(
            kafka.external()
                ? Optional.of(kafka.clients().within(ANSWER_TIMEOUT))
                : Optional.empty(),
            kafka.topics(),
            cassandra.external() ? Optional.of(cassandra.provisioning()) : Optional.empty(),
            DecodeRules.current(kafka.createTime()).version());
    Preflight.Result result = preflight.run();
    result.findings().stream()
        .filter(finding -> finding.status() == ExitStatus.SUCCESS)
        .forEach(context.out()::println);
    return ApplicationOutcome.of(result.status(), result.problems(), result);
  }
}
