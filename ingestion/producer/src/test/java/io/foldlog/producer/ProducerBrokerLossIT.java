package io.foldlog.producer;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.log.KafkaClients;
import io.foldlog.log.TopicProvisioning;
import io.foldlog.log.TopicSpecification;
import io.foldlog.runtime.ApplicationResult;
import io.foldlog.runtime.ApplicationRunner;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.runtime.Settings;
import io.foldlog.testing.kit.ThreeBrokers;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The producer immediately after the kill of one of three brokers. */
@Tag("fault")
class ProducerBrokerLossIT {

  @TempDir Path folder;

  @Test
  void shouldRecordAndVerifyEventsImmediatelyAfterABrokerWasKilled() {
    try (ThreeBrokers brokers = ThreeBrokers.in(folder).start()) {
      TopicProvisioning.provision(
          KafkaClients.to(brokers.bootstrapServers()),
          TopicSpecification.log("replicated", 3, 3, 1024 * 1024));
      Settings settings =
          Settings.of(
              "kafka { bootstrap-servers = \"%s\", topic = replicated }"
                  .formatted(brokers.bootstrapServers()));
      String file = folder.resolve("acknowledged").toString();

      brokers.broker(2).kill();
      ApplicationResult recorded =
          run(settings, "--count", "300", "--interval", "0", "--ack-journal", file);
      assertThat(recorded.status()).as(recorded.message()).isEqualTo(ExitStatus.SUCCESS);
      assertThat(recorded.result(ProducerResult.class).acknowledged()).isEqualTo(300);

      brokers.start(2);
      brokers.broker(3).kill();
      ApplicationResult verified = run(settings, "verify-acks", file);
      assertThat(verified.status()).as(verified.message()).isEqualTo(ExitStatus.SUCCESS);
    }
  }

  private static ApplicationResult run(Settings settings, String... arguments) {
    return ApplicationRunner.run(new Producer(), settings, arguments);
  }
}
