package io.foldlog.local.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.datastax.oss.driver.api.core.CqlSession;
import io.foldlog.application.CassandraSettings;
import io.foldlog.application.ExitStatus;
import io.foldlog.application.KafkaSettings;
import io.foldlog.application.Settings;
import io.foldlog.application.StopSignal;
import io.foldlog.contract.PipelineException;
import io.foldlog.local.servers.CassandraNode;
import io.foldlog.local.servers.KafkaNode;
import io.foldlog.log.Log;
import io.foldlog.log.LogConnection;
import io.foldlog.view.ViewConnection;
import io.foldlog.view.ViewCredentials;
import io.foldlog.view.ViewSession;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Provisions a broker and a node of their own, because it locks the node's superuser. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ProvisionIT {
  @TempDir static Path folder;
  private static KafkaNode kafka;
  private static CassandraNode cassandra;
  private static Settings settings;

  @BeforeAll
  static void startServers() {
    kafka = KafkaNode.in(folder.resolve("kafka"));
    cassandra = CassandraNode.in(folder.resolve("cassandra"));
    kafka.start();
    cassandra.start();
    settings =
        Settings.of(
            "stack { root = \"%s\", kafka.port = %d, cassandra.port = %d }, wait.limit = 60s"
                .formatted(folder, kafka.specification().port(), cassandra.specification().port()));
  }

  @AfterAll
  static void endServers() {
    cassandra.close();
    kafka.close();
  }

  @Test
  @Order(1)
  void shouldProvisionAllAndAgain() throws Exception {
    assertThat(new ProvisionCommand().run(settings, new StopSignal())).isEqualTo(ExitStatus.DONE);
    assertThat(new ProvisionCommand().run(settings, new StopSignal())).isEqualTo(ExitStatus.DONE);

    KafkaSettings log = KafkaSettings.from(settings);
    LogConnection connection = LogConnection.of(log.clientProperties());
    for (String topic : List.of(log.topic(), log.deadLetterTopic())) {
      try (Log opened = Log.open(connection, topic)) {
        assertThat(opened.identity().partitions()).isEqualTo(log.partitions());
      }
    }
    CassandraSettings view = CassandraSettings.from(settings);
    try (CqlSession session = ViewSession.open(Connections.view(view, view.reader()))) {
      assertThat(new RowCount(session, view.keyspace()).now()).isZero();
    }
  }

  @Test
  @Order(2)
  void shouldRefuseTheDefaultSuperuserAfterwards() {
    CassandraSettings view = CassandraSettings.from(settings);
    ViewConnection known =
        Connections.view(view, view.reader()).as(new ViewCredentials("cassandra", "cassandra"));
    // the node keeps what it knows of a role for some seconds
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThatThrownBy(() -> ViewSession.open(known).close())
                    .isInstanceOf(PipelineException.class)
                    .hasMessageContaining("refuses the login of cassandra"));
  }

  @Test
  @Order(3)
  void shouldSetThePasswordOfTheFileWhenThatIsGeneratedAnew() throws Exception {
    CassandraSettings view = CassandraSettings.from(settings);
    Files.delete(view.reader().password().file());
    new ProvisionCommand().run(settings, new StopSignal());
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptionsInstanceOf(PipelineException.class)
        .untilAsserted(() -> ViewSession.open(Connections.view(view, view.reader())).close());
  }
}
