package io.foldlog.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.servererrors.UnauthorizedException;
import io.foldlog.contract.PipelineException;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserField;
import io.foldlog.local.servers.CassandraNode;
import io.foldlog.local.servers.FreePort;
import io.foldlog.local.servers.SharedServers;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ViewIT {

  private static CassandraNode node;
  private static TestView view;

  @BeforeAll
  static void provision() throws InterruptedException {
    node = SharedServers.cassandra();
    view = TestView.provisioned(node, "spark_streams");
  }

  @Test
  void shouldChangeNothingWhenProvisionedAgain() throws Exception {
    view.provisioning().provision(TestView.LIMIT);

    try (CqlSession admin = view.session(TestView.ADMIN)) {
      assertThat(admin.execute("SELECT version FROM spark_streams.schema_migrations").all())
          .hasSameSizeAs(ViewMigrations.ALL);
    }
  }

  @Test
  void shouldRefuseTheDefaultSuperuserOnceProvisioned() {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              PipelineException refusal =
                  refusal(() -> session(new ViewCredentials("cassandra", "cassandra")));
              assertThat(refusal.kind()).isEqualTo(PipelineException.Kind.REFUSED);
            });
  }

  private static void session(ViewCredentials credentials) {
    view.session(credentials).close();
  }

  @Test
  void shouldNameTheRoleWhosePasswordIsWrong() {
    PipelineException refusal =
        refusal(() -> session(new ViewCredentials("pipeline_reader", "wrong")));

    assertThat(refusal.kind()).isEqualTo(PipelineException.Kind.REFUSED);
    assertThat(refusal)
        .hasMessageStartingWith("Cassandra at 127.0.0.1:")
        .hasMessageContaining("refuses the login of pipeline_reader")
        .hasMessageNotContaining("wrong");
  }

  @Test
  void shouldNameADataCentreThatIsNotTheClusters() {
    ViewConnection elsewhere =
        new ViewConnection(
            List.of(node.contactPoint()), "nowhere", "spark_streams", TestView.READER);

    assertThat(refusal(() -> ViewSession.open(elsewhere)))
        .hasMessageStartingWith("The setting cassandra.local-datacenter is nowhere, but")
        .hasMessageEndingWith("has [datacenter1].");
  }

  @Test
  void shouldSayThatCassandraDoesNotAnswer() {
    ViewConnection nobody =
        new ViewConnection(
            List.of(new InetSocketAddress("127.0.0.1", FreePort.next())),
            "datacenter1",
            "spark_streams",
            TestView.READER);

    PipelineException failure = refusal(() -> ViewSession.await(nobody, Duration.ofMillis(1500)));
    assertThat(failure.kind()).isEqualTo(PipelineException.Kind.UNAVAILABLE);
    assertThat(failure).hasMessageStartingWith("Cassandra does not answer at 127.0.0.1:");
  }

  @Test
  void shouldSayThatTheKeyspaceOrTheTableIsMissing() throws Exception {
    try (CqlSession session = new TestView(node, "nowhere").session(TestView.WRITER)) {
      assertThat(refusal(() -> UserView.over(session, "nowhere", WriteLimits.DEFAULT)))
          .hasMessage(
              "There is no keyspace nowhere in Cassandra: provision it, or correct cassandra.keyspace.");
    }
    try (CqlSession admin = view.session(TestView.ADMIN)) {
      admin.execute(keyspace("without_table"));
    }
    try (CqlSession session = new TestView(node, "without_table").session(TestView.WRITER)) {
      assertThat(refusal(() -> UserViewReader.over(session, "without_table")))
          .hasMessageStartingWith("There is no table without_table.created_users in Cassandra");
    }
  }

  @Test
  void shouldRefuseTheTableOfAnotherProducerWithTheWayOut() {
    try (CqlSession admin = view.session(TestView.ADMIN)) {
      admin.execute(keyspace("hobby"));
      admin.execute(
          """
          CREATE TABLE hobby.created_users (id uuid PRIMARY KEY, first_name text, last_name text,
            gender text, address text, post_code text, email text, username text,
            registered_date text, phone text, picture text)""");
    }

    assertThat(refusal(() -> new TestView(node, "hobby").provisioning().provision(TestView.LIMIT)))
        .hasMessageStartingWith(
            "The table hobby.created_users is not the pipeline's: dob timestamp is missing; registered_date is text, not timestamp; ")
        .hasMessageContaining("Set cassandra.keyspace to a keyspace of its own")
        .hasMessageContaining("DROP TABLE hobby.created_users");
  }

  @Test
  void shouldRefuseATableThatForgetsDeletions() throws Exception {
    TestView.provisioned(node, "forgetful");
    try (CqlSession admin = new TestView(node, "forgetful").session(TestView.ADMIN)) {
      admin.execute("ALTER TABLE forgetful.created_users WITH gc_grace_seconds = 10");

      assertThat(refusal(() -> ViewTable.in("forgetful").require(admin)))
          .hasMessageContaining("has gc_grace_seconds = 10")
          .hasMessageContaining(
              "ALTER TABLE forgetful.created_users WITH gc_grace_seconds = 2147483647");
    }
  }

  @Test
  void shouldRefuseAMigrationThatWasEditedAfterItWasApplied() throws Exception {
    TestView edited = TestView.provisioned(node, "edited");
    try (CqlSession admin = edited.session(TestView.ADMIN)) {
      admin.execute("UPDATE edited.schema_migrations SET checksum = 'other' WHERE version = 2");
    }

    assertThat(refusal(() -> edited.provisioning().provision(TestView.LIMIT)))
        .hasMessageStartingWith("migrations/002_indexes.cql was applied to keyspace edited");
  }

  @Test
  void shouldGiveEachRoleNoMoreThanItNeeds() {
    try (CqlSession reader = view.session(TestView.READER);
        CqlSession writer = view.session(TestView.WRITER)) {
      reader.execute("SELECT * FROM spark_streams.created_users LIMIT 1");
      reader.execute("SELECT * FROM spark_streams.created_users WHERE email = 'a@b.c' LIMIT 1");
      assertUnauthorized(reader, "DELETE FROM spark_streams.created_users WHERE id = uuid()");
      assertUnauthorized(reader, "TRUNCATE spark_streams.created_users");
      assertUnauthorized(reader, "SELECT * FROM system_auth.roles");
      assertUnauthorized(writer, "DROP TABLE spark_streams.created_users");
      assertUnauthorized(writer, "CREATE ROLE another");
      assertUnauthorized(writer, "SELECT * FROM spark_streams.schema_migrations");
    }
  }

  @Test
  void shouldSayWhoMayNotWrite() {
    try (CqlSession reader = view.session(TestView.READER)) {
      UserView readOnly = UserView.over(reader, view.keyspace(), WriteLimits.DEFAULT);
      UserViewWriter writer = readOnly.writer(WriteListener.NONE);

      assertThat(
              refusal(
                  () -> {
                    writer.write(event(1), "users_created", 1, 77, 0);
                    writer.awaitAll();
                  }))
          .hasMessageContaining("topic users_created, partition 1, offset 77")
          .hasMessageContaining("pipeline_reader has no MODIFY permission");
    }
  }

  @Test
  void shouldNameTheRecordThatAGuardrailRefuses() {
    try (CqlSession session = view.session(TestView.WRITER)) {
      UserViewWriter writer =
          UserView.over(session, view.keyspace(), WriteLimits.DEFAULT).writer(WriteListener.NONE);
      long future = System.currentTimeMillis() * 1000 + Duration.ofDays(3).toNanos() / 1000;
      UserEvent event = TestView.registration(UUID.randomUUID(), future, "Ada");

      PipelineException refusal =
          refusal(
              () -> {
                writer.write(event, "users_created", 0, 4711, 0);
                writer.awaitAll();
              });

      assertThat(refusal.kind()).isEqualTo(PipelineException.Kind.REFUSED);
      assertThat(refusal)
          .hasMessageStartingWith(
              "Cassandra refuses the event at topic users_created, partition 0, offset 4711")
          .hasMessageContaining("timestamp")
          .hasMessageNotContaining("Ada");
      assertThatThrownBy(() -> writer.write(event(2), "users_created", 0, 4712, 0))
          .isSameAs(refusal);
    }
  }

  @Test
  void shouldScanAndReadWhatWasWrittenWithItsTimes() throws Exception {
    TestView scanned = TestView.provisioned(node, "scanned");
    List<UUID> users = new ArrayList<>();
    AtomicLong acknowledged = new AtomicLong();
    try (CqlSession session = scanned.session(TestView.WRITER)) {
      UserViewWriter writer =
          UserView.over(session, "scanned", WriteLimits.DEFAULT)
              .writer(
                  new WriteListener() {
                    @Override
                    public void acknowledged(long recordTimestampMillis) {
                      acknowledged.addAndGet(recordTimestampMillis);
                    }
                  });
      for (int index = 0; index < 3_000; index++) {
        UserEvent event = event(index);
        users.add(event.userId());
        writer.write(event, "users_created", 0, index, 2);
      }
      writer.write(
          TestView.deletion(users.get(0), TestView.TIME + 1), "users_created", 0, 3_000, 2);
      writer.awaitAll();
      assertThat(acknowledged).hasValue(2 * 3_001);

      UserViewReader reader = UserViewReader.over(session, "scanned");
      Set<UUID> seen = new HashSet<>();
      reader.scan(row -> seen.add(row.id()));
      assertThat(seen).isEqualTo(new HashSet<>(users.subList(1, users.size())));
      assertThat(reader.readAll(users).keySet()).isEqualTo(seen);
      assertThat(reader.read(users.get(0))).isEmpty();
      ViewRow row = reader.read(users.get(1)).orElseThrow();
      assertThat(row.value(UserField.FIRST_NAME)).asString(StandardCharsets.UTF_8).isEqualTo("n1");
      assertThat(row.writetime(UserField.FIRST_NAME)).isEqualTo(TestView.TIME);
      assertThat(row.hasValue(UserField.LAST_NAME)).isFalse();
      assertThat(row.hasTimeToLive(UserField.FIRST_NAME)).isFalse();
    }
  }

  @Test
  void shouldRepairCellsEachAtItsOwnTime() throws Exception {
    UUID userId = UUID.randomUUID();
    try (CqlSession session = view.session(TestView.WRITER)) {
      UserViewWriter writer =
          UserView.over(session, view.keyspace(), WriteLimits.DEFAULT).writer(WriteListener.NONE);
      UserViewReader reader = UserViewReader.over(session, view.keyspace());

      writer.repair(
          userId,
          List.of(
              CellWrite.value(UserField.CITY, new byte[] {'b'}, 20),
              CellWrite.value(UserField.STATE, new byte[] {'c'}, 30),
              CellWrite.tombstone(UserField.COUNTRY, 20)));
      writer.awaitAll();

      ViewRow row = reader.read(userId).orElseThrow();
      assertThat(row.writetime(UserField.CITY)).isEqualTo(20);
      assertThat(row.writetime(UserField.STATE)).isEqualTo(30);
      assertThat(row.hasValue(UserField.COUNTRY)).isFalse();
      writer.deleteRow(userId, 25);
      writer.repair(userId, List.of(CellWrite.tombstone(UserField.STATE, 30)));
      writer.awaitAll();
      assertThat(reader.read(userId)).isEmpty();
    }
  }

  @Test
  void shouldRegisterARunningLayerUntilItEnds() {
    try (CqlSession session = view.session(TestView.WRITER)) {
      LayerRegistry registry = new LayerRegistry(session, view.keyspace());
      try (LayerRegistry.Registration registration = registry.register("speed-layer", "one")) {
        assertThat(registration).isNotNull();
        assertThat(registry.running())
            .singleElement()
            .satisfies(
                layer -> {
                  assertThat(layer.layer()).isEqualTo("speed-layer");
                  assertThat(layer.instance()).isEqualTo("one");
                  assertThat(layer.decodeVersion()).isPositive();
                });
      }
      assertThat(registry.running()).isEmpty();
    }
  }

  @Test
  void shouldRememberRepairedUsers() {
    UUID userId = UUID.randomUUID();
    try (CqlSession session = view.session(TestView.WRITER);
        CqlSession reader = view.session(TestView.READER)) {
      new RepairedUsers(session, view.keyspace()).record(userId, "run-1");

      assertThat(new RepairedUsers(reader, view.keyspace()).all()).contains(userId);
    }
  }

  private static UserEvent event(int index) {
    return TestView.registration(UUID.randomUUID(), TestView.TIME, "n" + index);
  }

  private static String keyspace(String name) {
    return "CREATE KEYSPACE IF NOT EXISTS %s WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 1}"
        .formatted(name);
  }

  private static void assertUnauthorized(CqlSession session, String statement) {
    assertThatThrownBy(() -> session.execute(statement)).isInstanceOf(UnauthorizedException.class);
  }

  private static PipelineException refusal(ThrowingCallable action) {
    PipelineException refusal = catchThrowableOfType(PipelineException.class, action);
    assertThat(refusal).as("a PipelineException").isNotNull();
    return refusal;
  }
}
