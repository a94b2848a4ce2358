package io.foldlog.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.servererrors.UnauthorizedException;
import io.foldlog.contract.PipelineException;
import io.foldlog.contract.TestEvents;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserField;
import io.foldlog.local.servers.FreePort;
import io.foldlog.view.DecodeVersions.OlderVersion;
import io.foldlog.view.DecodeVersions.Written;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
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

  private static TestView view;

  @BeforeAll
  static void provision() throws InterruptedException {
    view = TestView.provisioned("view");
  }

  @Test
  void shouldChangeNothingWhenProvisionedAgain() throws Exception {
    view.provisioning().provision(TestView.LIMIT);

    try (CqlSession admin = view.session(TestView.ADMIN)) {
      assertThat(
              admin
                  .execute("SELECT version FROM %s.schema_migrations".formatted(view.keyspace()))
                  .all())
          .hasSameSizeAs(ViewMigrations.ALL);
    }
  }

  @Test
  void shouldRejectTheDefaultSuperuserAfterProvisioning() {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              PipelineException refusal =
                  refusal(() -> session(new ViewCredentials("cassandra", "cassandra")));
              assertThat(refusal.kind()).isEqualTo(PipelineException.Kind.USAGE_ERROR);
            });
  }

  private static void session(ViewCredentials credentials) {
    view.session(credentials).close();
  }

  @Test
  void shouldReportTheRoleWithAWrongPassword() {
    PipelineException refusal =
        refusal(() -> session(new ViewCredentials("pipeline_reader", "wrong")));

    assertThat(refusal.kind()).isEqualTo(PipelineException.Kind.USAGE_ERROR);
    assertThat(refusal)
        .hasMessageStartingWith("Cassandra at 127.0.0.1:")
        .hasMessageContaining("refuses the login of pipeline_reader")
        .hasMessageNotContaining("wrong");
  }

  @Test
  void shouldReportAnUnknownDataCentre() {
    ViewConnection unknown =
        new ViewConnection(
            List.of(view.node().contactPoint()), "nowhere", view.keyspace(), TestView.READER);

    assertThat(refusal(() -> ViewSession.open(unknown)))
        .hasMessageStartingWith("The setting cassandra.local-datacenter is nowhere, but")
        .hasMessageEndingWith("has [datacenter1].");
  }

  @Test
  void shouldReportThatCassandraDoesNotAnswer() {
    ViewConnection unused =
        new ViewConnection(
            List.of(new InetSocketAddress("127.0.0.1", FreePort.next())),
            "datacenter1",
            "spark_streams",
            TestView.READER);

    PipelineException failure = refusal(() -> ViewSession.await(unused, Duration.ofMillis(1500)));
    assertThat(failure.kind()).isEqualTo(PipelineException.Kind.UNAVAILABLE);
    assertThat(failure).hasMessageStartingWith("Cassandra does not answer at 127.0.0.1:");
  }

  @Test
  void shouldReportAMissingKeyspaceOrTable() throws Exception {
    TestView absent = TestView.absent("absent");
    try (CqlSession session = absent.session(TestView.WRITER)) {
      assertThat(refusal(() -> UserView.over(session, absent.keyspace(), WriteLimits.DEFAULT)))
          .hasMessage(
              "There is no keyspace %s in Cassandra: provision it, or correct cassandra.keyspace.",
              absent.keyspace());
    }
    TestView empty = TestView.absent("without_table");
    createKeyspace(empty);
    try (CqlSession session = empty.session(TestView.WRITER)) {
      assertThat(refusal(() -> UserViewReader.over(session, empty.keyspace())))
          .hasMessageStartingWith(
              "There is no table %s.created_users in Cassandra", empty.keyspace());
    }
  }

  @Test
  void shouldRejectAMigrationThatWasEditedAfterItWasApplied() throws Exception {
    TestView edited = TestView.provisioned("edited");
    try (CqlSession admin = edited.session(TestView.ADMIN)) {
      admin.execute(
          "UPDATE %s.schema_migrations SET checksum = 'other' WHERE version = 2"
              .formatted(edited.keyspace()));
    }

    assertThat(refusal(edited::provision))
        .hasMessageStartingWith(
            "migrations/002_indexes.cql was applied to keyspace %s", edited.keyspace());
  }

  @Test
  void shouldGrantEachRoleOnlyTheNeededPermissions() {
    try (CqlSession reader = view.session(TestView.READER);
        CqlSession writer = view.session(TestView.WRITER)) {
      String table = view.keyspace() + ".created_users";
      reader.execute("SELECT * FROM %s LIMIT 1".formatted(table));
      reader.execute("SELECT * FROM %s WHERE email = 'a@b.c' LIMIT 1".formatted(table));
      assertUnauthorized(reader, "DELETE FROM %s WHERE id = uuid()".formatted(table));
      assertUnauthorized(reader, "TRUNCATE " + table);
      assertUnauthorized(reader, "SELECT * FROM system_auth.roles");
      assertUnauthorized(writer, "DROP TABLE " + table);
      assertUnauthorized(writer, "CREATE ROLE another");
      assertUnauthorized(writer, "SELECT * FROM %s.schema_migrations".formatted(view.keyspace()));
    }
  }

  @Test
  void shouldReportARoleWithoutWritePermission() {
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
  void shouldReportTheRecordThatAGuardrailRejects() {
    try (CqlSession session = view.session(TestView.WRITER)) {
      UserViewWriter writer = view.writer(session);
      long future = System.currentTimeMillis() * 1000 + Duration.ofDays(3).toNanos() / 1000;
      UserEvent event = TestEvents.profile(UUID.randomUUID(), future, "Ada");

      PipelineException refusal =
          refusal(
              () -> {
                writer.write(event, "users_created", 0, 4711, 0);
                writer.awaitAll();
              });

      assertThat(refusal.kind()).isEqualTo(PipelineException.Kind.USAGE_ERROR);
      assertThat(refusal)
          .hasMessageStartingWith(
              "Cassandra refuses to write the event at topic users_created, partition 0, offset 4711")
          .hasMessageContaining("timestamp")
          .hasMessageNotContaining("Ada");
      assertThatThrownBy(() -> writer.write(event(2), "users_created", 0, 4712, 0))
          .isSameAs(refusal);
    }
  }

  @Test
  void shouldScanAndReadWrittenValuesWithTheirTimes() throws Exception {
    TestView scanned = TestView.provisioned("scanned");
    List<UUID> users = new ArrayList<>();
    AtomicLong acknowledged = new AtomicLong();
    try (CqlSession session = scanned.session(TestView.WRITER)) {
      UserViewWriter writer =
          UserView.over(session, scanned.keyspace(), WriteLimits.DEFAULT)
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
          TestEvents.deleted(users.get(0), TestEvents.NOON + 1), "users_created", 0, 3_000, 2);
      writer.awaitAll();
      assertThat(acknowledged).hasValue(2 * 3_001);

      UserViewReader reader = UserViewReader.over(session, scanned.keyspace());
      Set<UUID> seen = new HashSet<>();
      reader.scan(row -> seen.add(row.id()));
      assertThat(seen).isEqualTo(new HashSet<>(users.subList(1, users.size())));
      assertThat(reader.readAll(users).keySet()).isEqualTo(seen);
      assertThat(reader.read(users.get(0))).isEmpty();
      ViewRow row = reader.read(users.get(1)).orElseThrow();
      assertThat(row.value(UserField.FIRST_NAME)).asString(StandardCharsets.UTF_8).isEqualTo("n1");
      assertThat(row.writetime(UserField.FIRST_NAME)).isEqualTo(TestEvents.NOON);
      assertThat(row.hasValue(UserField.LAST_NAME)).isFalse();
      assertThat(row.hasTimeToLive(UserField.FIRST_NAME)).isFalse();
    }
  }

  @Test
  void shouldRepairEachCellWithItsOwnTime() throws Exception {
    UUID userId = UUID.randomUUID();
    try (CqlSession session = view.session(TestView.WRITER)) {
      UserViewWriter writer = view.writer(session);
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
  void shouldRegisterALayerUntilItEnds() {
    try (CqlSession session = view.session(TestView.WRITER)) {
      LayerRegistry registry = new LayerRegistry(session, view.keyspace());
      try (LayerRegistry.Registration registration = registry.register("speed-layer", "one", 2)) {
        assertThat(registration).isNotNull();
        assertThat(registry.running())
            .singleElement()
            .satisfies(
                layer -> {
                  assertThat(layer.layer()).isEqualTo("speed-layer");
                  assertThat(layer.instance()).isEqualTo("one");
                  assertThat(layer.decodeVersion()).isEqualTo(2);
                });
      }
      assertThat(registry.running()).isEmpty();
    }
  }

  @Test
  void shouldStoreRepairedUsers() {
    UUID userId = UUID.randomUUID();
    try (CqlSession session = view.session(TestView.WRITER);
        CqlSession reader = view.session(TestView.READER)) {
      new RepairedUsers(session, view.keyspace()).record(userId, "run-1");

      assertThat(new RepairedUsers(reader, view.keyspace()).all()).contains(userId);
    }
  }

  @Test
  void shouldRefuseLowerDecodeVersionThanTheHighestThatHasWritten() throws Exception {
    TestView written = TestView.provisioned("versions");
    try (CqlSession session = written.session(TestView.WRITER);
        CqlSession reader = written.session(TestView.READER)) {
      DecodeVersions versions = new DecodeVersions(session, written.keyspace());
      assertThat(versions.highest()).isEmpty();
      versions.admit(2, OlderVersion.REFUSE);
      Instant before = versions.written().get(0).lastWrite();
      assertThat(refusal(() -> versions.admit(1, OlderVersion.REFUSE)))
          .hasMessageStartingWith(
              "Decode version 2 has written to the view in keyspace %s, and this release decodes with version 1",
              written.keyspace());
      assertThat(versions.written()).extracting(Written::version).containsExactly(2);

      versions.admit(1, OlderVersion.ACCEPT);
      versions.admit(2, OlderVersion.REFUSE);

      DecodeVersions read = new DecodeVersions(reader, written.keyspace());
      assertThat(read.highest()).contains(2);
      assertThat(read.newerThan(1)).contains(2);
      assertThat(read.newerThan(2)).isEmpty();
      assertThat(read.written()).extracting(Written::version).containsExactly(2, 1);
      assertThat(read.written().get(0).lastWrite()).isAfterOrEqualTo(before);
      assertThat(refusal(() -> read.admit(3, OlderVersion.REFUSE)))
          .hasMessageContaining("decode_versions")
          .hasMessageContaining("Run provision");
    }
  }

  @Test
  void shouldAddTheTablesOfThisReleaseToAnExistingKeyspace() throws Exception {
    TestView existing = TestView.provisioned("existing");
    try (CqlSession admin = existing.session(TestView.ADMIN);
        CqlSession writer = existing.session(TestView.WRITER)) {
      admin.execute("DROP TABLE %s.decode_versions".formatted(existing.keyspace()));
      admin.execute(
          "DELETE FROM %s.schema_migrations WHERE version = 5".formatted(existing.keyspace()));
      DecodeVersions versions = new DecodeVersions(writer, existing.keyspace());
      assertThat(refusal(versions::highest))
          .hasMessageContaining("decode_versions")
          .hasMessageContaining("Run provision");

      existing.provision();

      versions.admit(1, OlderVersion.REFUSE);
      assertThat(versions.highest()).contains(1);
    }
  }

  @Test
  void shouldKeepThePositionsOfALayerByLogAndPartition() throws Exception {
    Instant before = Instant.now().minusSeconds(1);
    try (CqlSession writer = view.session(TestView.WRITER);
        CqlSession reader = view.session(TestView.READER)) {
      LayerPositions positions = new LayerPositions(writer, view.keyspace());
      positions.publish("layer", "topic", 0, 7, 1);
      positions.publish("layer", "topic", 0, 9, 2);
      positions.publish("layer", "topic", 1, 3, 2);
      positions.publish("layer", "topic#1", 0, 4, 2);
      positions.publish("other", "topic", 0, 1, 2);

      LayerPositions read = new LayerPositions(reader, view.keyspace());
      assertThat(read.of("layer"))
          .extracting(
              LayerPositions.Published::logId,
              LayerPositions.Published::partition,
              LayerPositions.Published::nextOffset,
              LayerPositions.Published::decodeVersion)
          .containsExactly(
              tuple("topic", 0, 9L, 2), tuple("topic", 1, 3L, 2), tuple("topic#1", 0, 4L, 2));
      assertThat(read.of("layer").get(0).updated()).isAfterOrEqualTo(before);
      assertThat(read.of("absent")).isEmpty();
      assertThatThrownBy(() -> read.publish("layer", "topic", 0, 10, 2))
          .isInstanceOf(UnauthorizedException.class);
      assertThat(
              reader.execute("SELECT * FROM %s.skipped_records".formatted(view.keyspace())).all())
          .isEmpty();
    }
  }

  private static UserEvent event(int index) {
    return TestEvents.profile(UUID.randomUUID(), TestEvents.NOON, "n" + index);
  }

  private static void createKeyspace(TestView of) {
    try (CqlSession admin = view.session(TestView.ADMIN)) {
      admin.execute(
          "CREATE KEYSPACE %s WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 1}"
              .formatted(of.keyspace()));
    }
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
