package io.foldlog.admin.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.log.KafkaClients;
import io.foldlog.log.TopicProvisioning;
import io.foldlog.log.TopicSpecification;
import io.foldlog.runtime.ApplicationResult;
import io.foldlog.runtime.ApplicationRunner;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.runtime.Settings;
import io.foldlog.testing.kit.SharedServers;
import io.foldlog.testing.kit.TestNames;
import io.foldlog.testing.kit.TestRoles;
import io.foldlog.testing.kit.ThreeBrokers;
import io.foldlog.view.ViewConnection;
import io.foldlog.view.ViewCredentials;
import io.foldlog.view.ViewProvisioning;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The verifier immediately after the kill of one of three brokers. */
@Tag("fault")
class VerifierBrokerLossIT {

  private static final ViewCredentials READER =
      new ViewCredentials(TestRoles.READER, TestRoles.READER_PASSWORD);

  @TempDir Path folder;

  private final String keyspace = TestNames.unique("broker_loss");
  private final InetSocketAddress node = SharedServers.cassandra().contactPoint();

  @Test
  void shouldReadTheLogImmediatelyAfterABrokerWasKilled() throws Exception {
    new ViewProvisioning(
            new ViewConnection(
                List.of(node),
                "datacenter1",
                keyspace,
                new ViewCredentials(TestRoles.ADMIN, TestRoles.ADMIN_PASSWORD)),
            Map.of("datacenter1", 1),
            new ViewCredentials(TestRoles.WRITER, TestRoles.WRITER_PASSWORD),
            READER)
        .provision(Duration.ofMinutes(1));
    try (ThreeBrokers brokers = ThreeBrokers.in(folder).start()) {
      KafkaClients connection = KafkaClients.to(brokers.bootstrapServers());
      TopicProvisioning.provision(
          connection, TopicSpecification.log("replicated", 3, 3, 1024 * 1024));
      try (Producer<byte[], byte[]> producer = connection.producer(Map.of())) {
        for (int partition = 0; partition < 3; partition++) {
          producer.send(new ProducerRecord<>("replicated", partition, null, new byte[1])).get();
        }
      }

      brokers.broker(2).kill();
      ApplicationResult result =
          ApplicationRunner.run(new Verifier(), settings(brokers.bootstrapServers()));
      assertThat(result.status()).as(result.message()).isEqualTo(ExitStatus.SUCCESS);
      assertThat(result.output()).contains("rejected=3");
    }
  }

  private Settings settings(String bootstrapServers) throws Exception {
    Path password = folder.resolve("password");
    Files.writeString(password, READER.password());
    Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-------"));
    return Settings.of(
        """
        kafka { bootstrap-servers = "%s", topic = replicated }
        cassandra {
          contact-points = ["%s"], port = %d, keyspace = %s
          reader { user = %s, password-file = "%s" }
        }
        """
            .formatted(
                bootstrapServers,
                node.getHostString(),
                node.getPort(),
                keyspace,
                READER.role(),
                password));
  }
}
