package io.foldlog.local.stack;

import io.foldlog.application.ApplicationCommand;
import io.foldlog.application.CassandraSettings;
import io.foldlog.application.ExitStatus;
import io.foldlog.application.KafkaSettings;
import io.foldlog.application.Settings;
import io.foldlog.application.StopSignal;
import io.foldlog.contract.PipelineException;
import io.foldlog.log.LogConnection;
import io.foldlog.log.TopicProvisioning;
import io.foldlog.log.TopicSpecification;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;

/** Looks whether servers that somebody else runs will do, and changes nothing there. */
@Command(
    name = "check",
    description = {
      "Looks whether Kafka and Cassandra answer, have what the settings say, and give the pipeline",
      "the rights that it needs. Changes nothing on them; generates passwords that are missing."
    })
final class CheckCommand implements ApplicationCommand {
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);

  private ExitStatus worst = ExitStatus.DONE;

  /** One thing to look at. */
  private interface Look {
    /** What was found, a sentence each. */
    List<String> at();
  }

  @Override
  public ExitStatus run(Settings settings, StopSignal stop) throws IOException {
    KafkaSettings kafka = KafkaSettings.from(settings);
    CassandraSettings cassandra = CassandraSettings.from(settings);
    StackSecrets.generatePasswords(cassandra);
    if (kafka.external()) {
      LogConnection connection = LogConnection.of(kafka.clientProperties()).within(ANSWER_LIMIT);
      for (TopicSpecification topic : Connections.topics(kafka)) {
        look("kafka", () -> List.of(TopicProvisioning.check(connection, topic)));
      }
    } else {
      System.out.println("kafka: the stack runs its own");
    }
    if (cassandra.external()) {
      look("cassandra", () -> Connections.provisioning(cassandra).check());
    } else {
      System.out.println("cassandra: the stack runs its own");
    }
    return worst;
  }

  private void look(String what, Look look) {
    try {
      look.at().forEach(found -> System.out.printf("%s: %s%n", what, found));
    } catch (PipelineException problem) {
      System.err.printf("%s: %s%n", what, problem.getMessage());
      ExitStatus status = ExitStatus.of(problem.kind());
      worst = worst == ExitStatus.REFUSED ? worst : status;
    }
  }
}
