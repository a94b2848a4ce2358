package io.foldlog.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.servererrors.UnauthorizedException;
import io.foldlog.contract.PipelineException;
import io.foldlog.log.EventTopic;
import io.foldlog.log.KafkaClients;
import io.foldlog.log.KafkaSettings;
import io.foldlog.log.TopicProvisioning;
import io.foldlog.runtime.ApplicationResult;
import io.foldlog.runtime.ApplicationRunner;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.runtime.PrivateFile;
import io.foldlog.runtime.Settings;
import io.foldlog.testing.kit.SharedServers;
import io.foldlog.testing.kit.TestNames;
import io.foldlog.testing.kit.TestRoles;
import io.foldlog.view.CassandraSettings;
import io.foldlog.view.DecodeVersions;
import io.foldlog.view.DecodeVersions.OlderVersion;
import io.foldlog.view.ViewConnection;
import io.foldlog.view.ViewCredentials;
import io.foldlog.view.ViewSession;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Provisions topics, keyspaces and roles with unique names on the shared servers. All tests share
 * the admin role, and each of them locks the node's default superuser.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ProvisionIT {
  @TempDir static Path folder;
  private static Settings settings;

  @BeforeAll
  static void writeSettings() throws IOException {
    Path password = folder.resolve("admin.password");
    PrivateFile.write(password, TestRoles.ADMIN_PASSWORD);
    settings = settings(false, topics("provisioned"), "view", TestRoles.ADMIN, password);
  }

  /** Settings of a view whose keyspace and roles have unique names with this prefix. */
  private static Settings settings(
      boolean external, String topics, String prefix, String admin, Path adminPassword) {
    InetSocketAddress node = SharedServers.cassandra().contactPoint();
    String keyspace = TestNames.unique(prefix);
    return Settings.of(
        """
        runtime.startup-timeout = 60s
        kafka { external = %2$s, %3$s }
        cassandra {
          external = %2$s, contact-points = ["%4$s"], port = %5$d, keyspace = %6$s
          writer { user = %6$s_writer, password-file = "%1$s/%6$s-writer.password" }
          reader { user = %6$s_reader, password-file = "%1$s/%6$s-reader.password" }
          admin { user = %7$s, password-file = "%8$s" }
        }
        """
            .formatted(
                folder,
                external,
                topics,
                node.getHostString(),
                node.getPort(),
                keyspace,
                admin,
                adminPassword));
  }

  private static String topics(String prefix) {
    String topic = TestNames.unique(prefix);
    return "bootstrap-servers = \"%1$s\", topic = %2$s, dead-letter-topic = %2$s.dead-letter"
        .formatted(SharedServers.kafka().bootstrapServers(), topic);
  }

  @Test
  @Order(1)
  void shouldChangeNothingWhenProvisionedTwice() throws Exception {
    KafkaSettings log = KafkaSettings.from(settings);
    List<String> topics = List.of(log.topic(), log.deadLetterTopic());
    Provisioning.Result first = provision(settings);
    assertThat(first.keyspace()).isEqualTo(CassandraSettings.from(settings).keyspace());
    assertThat(first.topics())
        .containsExactlyElementsOf(outcomes(topics, TopicProvisioning.Outcome.CREATED));
    assertThat(provision(settings).topics())
        .containsExactlyElementsOf(outcomes(topics, TopicProvisioning.Outcome.PRESENT));

    KafkaClients connection = log.clients();
    for (String topic : topics) {
      try (EventTopic opened = EventTopic.open(connection, topic)) {
        assertThat(opened.metadata().partitions()).isEqualTo(log.partitions());
      }
    }
    CassandraSettings view = CassandraSettings.from(settings);
    try (CqlSession session = ViewSession.open(view.connection(view.reader()))) {
      assertThat(new RowCount(session, view.keyspace()).count()).isZero();
    }
  }

  @Test
  @Order(2)
  void shouldRejectTheDefaultSuperuserAfterProvisioning() {
    CassandraSettings view = CassandraSettings.from(settings);
    ViewConnection superuser =
        view.connection(view.reader()).as(new ViewCredentials("cassandra", "cassandra"));
    // the node caches roles for some seconds
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThatThrownBy(() -> ViewSession.open(superuser).close())
                    .isInstanceOf(PipelineException.class)
                    .hasMessageContaining("refuses the login of cassandra"));
  }

  /** The node still caches the old password when provisioning sets the new one. */
  @Test
  @Order(3)
  void shouldLetTheReaderLogInImmediatelyAfterAPasswordChange() throws Exception {
    CassandraSettings view = CassandraSettings.from(settings);
    ViewSession.open(view.connection(view.reader())).close();
    Files.delete(view.reader().password().requiredFile());
    provision(settings);
    ViewSession.open(view.connection(view.reader())).close();
  }

  @Test
  @Order(4)
  void shouldReportMissingGrantsOfExternalServersInPreflight() throws Exception {
    Path password = folder.resolve("owner.password");
    PrivateFile.generate(password);
    String owner = TestNames.unique("owner");
    Settings external = settings(true, topics("others"), "others", owner, password);
    String topic = KafkaSettings.from(external).topic();
    CassandraSettings view = CassandraSettings.from(settings);
    CassandraSettings externalView = CassandraSettings.from(external);
    try (CqlSession superuser = ViewSession.open(view.connection(view.admin()))) {
      superuser.execute(
          "CREATE ROLE %s WITH LOGIN = true AND PASSWORD = '%s'"
              .formatted(owner, Files.readString(password).strip()));

      ApplicationResult first = preflight(external);
      assertThat(first.status()).isEqualTo(ExitStatus.USAGE_ERROR);
      assertThat(first.output()).contains("kafka: provisioning will create topic " + topic);
      assertThat(first.message()).contains("cassandra: The role %s lacks rights".formatted(owner));
      assertThat(superuser.getMetadata().getKeyspace(externalView.keyspace())).isEmpty();
      cacheMissingRightsOfTheOwner(externalView);
      Matcher grants = Pattern.compile("GRANT \\w+ ON .*? TO " + owner).matcher(first.message());
      assertThat(grants.results().map(MatchResult::group).map(superuser::execute)).hasSize(3);
    }
    assertThat(provision(external).keyspace()).isEqualTo(externalView.keyspace());
    try (CqlSession writer = ViewSession.open(externalView.connection(externalView.writer()))) {
      new DecodeVersions(writer, externalView.keyspace()).admit(99, OlderVersion.REFUSE);
    }
    ApplicationResult provisioned = preflight(external);
    assertThat(provisioned.status()).as(provisioned.message()).isEqualTo(ExitStatus.SUCCESS);
    assertThat(provisioned.output())
        .contains(
            "topic %s exists".formatted(topic),
            "the table %s.created_users is the pipeline's".formatted(externalView.keyspace()),
            "the view was written with decode version 99",
            "its speed layer refuses to start");
    assertThat(provisioned.result(Preflight.Result.class).findings())
        .extracting(Preflight.Finding::status)
        .containsOnly(ExitStatus.SUCCESS);
  }

  /** Makes the node cache that the owner lacks rights. */
  private static void cacheMissingRightsOfTheOwner(CassandraSettings view) {
    try (CqlSession owner = ViewSession.open(view.connection(view.admin()))) {
      assertThatThrownBy(
              () ->
                  owner.execute(
                      "CREATE KEYSPACE %s WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"
                          .formatted(view.keyspace())))
          .isInstanceOf(UnauthorizedException.class);
    }
  }

  private static Provisioning.Result provision(Settings with) {
    return ApplicationRunner.run(new AdminApplication(), with, "provision")
        .result(Provisioning.Result.class);
  }

  private static ApplicationResult preflight(Settings with) {
    return ApplicationRunner.run(new AdminApplication(), with, "preflight");
  }

  private static List<Provisioning.Topic> outcomes(
      List<String> topics, TopicProvisioning.Outcome outcome) {
    return topics.stream().map(topic -> new Provisioning.Topic(topic, outcome)).toList();
  }
}
