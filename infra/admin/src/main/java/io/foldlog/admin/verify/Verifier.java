package io.foldlog.admin.verify;

import com.datastax.oss.driver.api.core.CqlSession;
import io.foldlog.contract.DecodeRules;
import io.foldlog.contract.EventDecoder.CreateTime;
import io.foldlog.log.EndOffsets;
import io.foldlog.log.EventTopic;
import io.foldlog.log.KafkaClients;
import io.foldlog.log.KafkaSettings;
import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.runtime.Settings;
import io.foldlog.runtime.StartupTimeout;
import io.foldlog.runtime.StopSignal;
import io.foldlog.runtime.TimeSpan;
import io.foldlog.view.CassandraSettings;
import io.foldlog.view.DecodeVersions;
import io.foldlog.view.RepairedUsers;
import io.foldlog.view.SkippedRecords;
import io.foldlog.view.UserViewReader;
import io.foldlog.view.ViewConnection;
import io.foldlog.view.ViewSession;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Checks that the view equals the fold of the log. */
@Command(
    name = "verify",
    description = {
      "Compares every cell and writetime of the view with the fold of the log.",
      "Records that an open transaction holds back are not compared; the result counts them.",
      "Of users that a reconcile repaired, compares only the values: cells may have a later writetime.",
      "Exits with SUCCESS (0) if they are equal, else with UNRESOLVED_DRIFT (5) and at most 20 differences."
    })
public final class Verifier implements ApplicationCommand {

  @Option(
      names = "--await",
      paramLabel = "DURATION",
      converter = TimeSpan.class,
      defaultValue = "0",
      description =
          "How long to wait for the view to become equal: seconds, or a time span such as 2m. Default: 0.")
  private Duration await;

  private final Function<CreateTime, DecodeRules> rules;

  /** Decodes with the rules of this release. */
  public Verifier() {
    this(DecodeRules::current);
  }

  /**
   * Decodes with the given rules.
   *
   * @param rules the rules for each treatment of producers' timestamps
   */
  public Verifier(Function<CreateTime, DecodeRules> rules) {
    this.rules = Objects.requireNonNull(rules);
  }

  @Override
  public ApplicationOutcome run(ApplicationContext context) throws Exception {
    Settings settings = context.settings();
    StopSignal stop = context.stop();
    KafkaSettings kafka = KafkaSettings.from(settings);
    CassandraSettings cassandra = CassandraSettings.from(settings);
    ViewConnection connection = cassandra.connection(cassandra.reader());
    StartupTimeout timeout = new StartupTimeout(settings.startupTimeout(), stop);
    KafkaClients brokers = kafka.connection(settings.startupTimeout(), stop);
    try (EventTopic log = EventTopic.open(brokers, kafka.topic())) {
      log.metadata(); // rejects an unsuitable topic before the wait for Cassandra
      LogFold fold = new LogFold(log, rules.apply(kafka.createTime()));
      try (CqlSession session =
          timeout.waitFor(
              "Cassandra at " + connection.hosts(),
              () -> Optional.of(ViewSession.open(connection)))) {
        EndOffsets end = log.end();
        log.passOver(
            new SkippedRecords(session, connection.keyspace()).of(end.offsets().topicId()), end);
        VerificationResult result =
            new Verification(
                    fold,
                    UserViewReader.over(session, connection.keyspace()),
                    new RepairedUsers(session, connection.keyspace()),
                    new DecodeVersions(session, connection.keyspace()))
                .run(await, stop::await);
        context.out().println(result.text());
        return ApplicationOutcome.of(
            result.isEqual()
                ? ExitStatus.SUCCESS
                : stop.status().orElse(ExitStatus.UNRESOLVED_DRIFT),
            "",
            result);
      }
    }
  }
}
