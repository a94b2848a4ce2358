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
import io.foldlog.local.servers.PrivateFile;
import io.foldlog.log.Log;
import io.foldlog.log.LogConnection;
import io.foldlog.view.ViewConnection;
import io.foldlog.view.ViewCredentials;
import io.foldlog.view.ViewSession;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

  @Test
  @Order(4)
  void shouldCheckServersOfOthersAndSayWhatToGrant() throws Exception {
    Path password = folder.resolve("owner.password");
    PrivateFile.generate(password);
    Settings others =
        Settings.of(
            """
            stack.root = "%1$s", wait.limit = 60s
            kafka { external = true, bootstrap-servers = "127.0.0.1:%2$d", topic = others, dead-letter-topic = others.dead-letter }
            cassandra {
              external = true, contact-points = ["127.0.0.1"], port = %3$d, keyspace = others
              writer { user = others_writer, password-file = "%1$s/others-writer.password" }
              reader { user = others_reader, password-file = "%1$s/others-reader.password" }
              admin { user = owner, password-file = "%4$s" }
            }
            """
                .formatted(
                    folder,
                    kafka.specification().port(),
                    cassandra.specification().port(),
                    password));
    CassandraSettings view = CassandraSettings.from(settings);
    try (CqlSession superuser = ViewSession.open(Connections.view(view, view.admin()))) {
      superuser.execute(
          "CREATE ROLE owner WITH LOGIN = true AND PASSWORD = '%s'"
              .formatted(Files.readString(password).strip()));

      Said first = check(others);
      assertThat(first.status()).isEqualTo(ExitStatus.REFUSED);
      assertThat(first.text())
          .contains("kafka: provisioning will make topic others", "The role owner lacks rights");
      assertThat(superuser.getMetadata().getKeyspace("others")).isEmpty();
      Matcher grants = Pattern.compile("GRANT \\w+ ON .*? TO owner").matcher(first.text());
      assertThat(grants.results().map(MatchResult::group).map(superuser::execute)).hasSize(3);
    }
    Said granted = check(others);
    assertThat(granted.status()).as(granted.text()).isEqualTo(ExitStatus.DONE);
    assertThat(new ProvisionCommand().run(others, new StopSignal())).isEqualTo(ExitStatus.DONE);
    Said provisioned = check(others);
    assertThat(provisioned.status()).as(provisioned.text()).isEqualTo(ExitStatus.DONE);
    assertThat(provisioned.text())
        .contains("topic others is there", "the table others.created_users is the pipeline's");
  }

  private record Said(ExitStatus status, String text) {}

  /** What make check prints, on either stream. */
  private static Said check(Settings settings) throws IOException {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try (PrintStream both = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
      System.setOut(both);
      System.setErr(both);
      ExitStatus status = new CheckCommand().run(settings, new StopSignal());
      return new Said(status, printed.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }
}
