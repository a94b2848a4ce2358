package io.foldlog.admin.verify;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.CqlSession;
import com.fasterxml.jackson.databind.JsonNode;
import io.foldlog.contract.DecodeRules;
import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.TestEvents;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserField;
import io.foldlog.log.TestTopic;
import io.foldlog.runtime.ApplicationResult;
import io.foldlog.runtime.ApplicationRunner;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.runtime.PrivateFile;
import io.foldlog.runtime.Settings;
import io.foldlog.view.CellWrite;
import io.foldlog.view.DecodeVersions;
import io.foldlog.view.DecodeVersions.OlderVersion;
import io.foldlog.view.FoldOracle;
import io.foldlog.view.RepairedUsers;
import io.foldlog.view.TestView;
import io.foldlog.view.UserViewWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Verifies 10,000 users in the log and in the view. Each test damages the view and restores it. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class VerifierIT {

  private static final TestTopic LOG = TestTopic.absent("verified");
  private static final TestView VIEW = TestView.absent("verified");
  private static final int USERS = 10_000;
  private static final long TIME = TestEvents.now();
  private static final List<UserEvent> REGISTRATIONS = new ArrayList<>();

  @TempDir static Path folder;
  private static Path password;
  private static CqlSession session;
  private static Producer<byte[], byte[]> producer;
  private UserViewWriter writer;

  @BeforeAll
  static void fill() throws Exception {
    LOG.provision();
    session = VIEW.provision().session(TestView.WRITER);
    producer = LOG.producer();
    password = PrivateFile.write(folder.resolve("reader.password"), TestView.READER.password());
    UserViewWriter initialWriter = VIEW.writer(session);
    for (int index = 0; index < USERS; index++) {
      UserEvent event =
          TestEvents.registered(TestEvents.user(index), TIME + index)
              .set(UserField.FIRST_NAME, "name " + index)
              .set(UserField.CITY, "city")
              .cleared(UserField.STATE)
              .build();
      REGISTRATIONS.add(event);
      send(event);
      initialWriter.write(event, LOG.name(), 0, index, 0);
    }
    producer.send(new ProducerRecord<>(LOG.name(), "no event".getBytes(StandardCharsets.UTF_8)));
    producer.flush();
    initialWriter.awaitAll();
  }

  @AfterAll
  static void close() {
    producer.close();
    session.close();
  }

  @BeforeEach
  void createWriter() {
    writer = VIEW.writer(session);
  }

  @Test
  @Order(1)
  void shouldSucceedWhenTheViewEqualsTheLog() throws Exception {
    assertThat(verify())
        .contains("events=10000 rejected=1 users=10000 live=10000; view rows=10000")
        .contains("The view equals the fold of the log")
        .endsWith("status=SUCCESS");
    assertThat(oracleDifferences()).isEmpty();
  }

  @Test
  @Order(2)
  void shouldReportOneWrongCellAmongTenThousandRows() throws Exception {
    UserEvent damaged = REGISTRATIONS.get(4711);
    writer.repair(
        damaged.userId(),
        List.of(CellWrite.value(UserField.CITY, new byte[] {'x'}, damaged.timeMicros() + 1)));
    writer.awaitAll();

    assertThat(verify())
        .contains(
            "user %s: VALUE city (expected at %d, found at %d)"
                .formatted(damaged.userId(), damaged.timeMicros(), damaged.timeMicros() + 1))
        .contains("users=1 differences=1 shown=1")
        .endsWith("status=UNRESOLVED_DRIFT");
    assertThat(oracleDifferences())
        .singleElement()
        .asString()
        .startsWith(damaged.userId() + ": city");

    writer.repair(
        damaged.userId(),
        List.of(
            CellWrite.value(
                UserField.CITY, damaged.value(UserField.CITY), damaged.timeMicros() + 2)));
    writer.awaitAll();
    assertThat(verify()).contains("WRITETIME city").endsWith("status=UNRESOLVED_DRIFT");

    new RepairedUsers(session, VIEW.keyspace()).record(damaged.userId(), "run-1");
    assertThat(verify()).contains("repaired users=1").endsWith("status=SUCCESS");
  }

  @Test
  @Order(3)
  void shouldReportUnexpectedAndMissingRowsAndCountAllDifferences() throws Exception {
    UUID ghost = UUID.randomUUID();
    writer.repair(ghost, List.of(CellWrite.value(UserField.CITY, new byte[] {'x'}, TIME)));
    for (UserEvent event : REGISTRATIONS.subList(0, 30)) {
      writer.deleteRow(event.userId(), event.timeMicros());
    }
    writer.awaitAll();

    ApplicationResult result = run();

    assertThat(result.status()).isEqualTo(ExitStatus.UNRESOLVED_DRIFT);
    JsonNode found = result.toJson().path("result");
    assertThat(found.path("equal").asBoolean(true)).isFalse();
    assertThat(found.path("differing_users").asInt()).isEqualTo(31);
    assertThat(found.path("difference_count").asInt()).isEqualTo(31);
    assertThat(found.path("differences"))
        .hasSize(20)
        .anyMatch(difference -> difference.path("kind").asText().equals("ROW_MISSING"));

    writer.repair(ghost, List.of(CellWrite.tombstone(UserField.CITY, TIME)));
    for (UserEvent event : REGISTRATIONS.subList(0, 30)) {
      send(TestEvents.deleted(event.userId(), event.timeMicros()));
    }
    producer.flush();
    writer.awaitAll();
    assertThat(verify()).contains("live=9970; view rows=9970").endsWith("status=SUCCESS");
  }

  @Test
  @Order(4)
  void shouldWaitForAViewThatLagsBehind() throws Exception {
    UserEvent update =
        TestEvents.updated(REGISTRATIONS.get(77).userId(), TIME + USERS)
            .set(UserField.CITY, "another city")
            .build();
    send(update);
    producer.flush();
    assertThat(verify()).contains("VALUE city").endsWith("status=UNRESOLVED_DRIFT");

    CompletableFuture<String> verified =
        CompletableFuture.supplyAsync(() -> verify("--await", "1m"));
    writer.write(update, LOG.name(), 0, 0, 0);
    writer.awaitAll();

    assertThat(verified.get()).endsWith("status=SUCCESS");
  }

  @Test
  @Order(5)
  void shouldReportThatAnotherDecodeVersionHasWrittenTheView() throws Exception {
    int own = DecodeRules.current(EventDecoder.CreateTime.REJECT).version();
    DecodeVersions versions = new DecodeVersions(session, VIEW.keyspace());
    versions.admit(own, OlderVersion.REFUSE);
    assertThat(verify()).doesNotContain("decode version");
    versions.admit(own + 1, OlderVersion.REFUSE);

    ApplicationResult result = run();

    assertThat(result.status()).isEqualTo(ExitStatus.SUCCESS);
    assertThat(result.output())
        .contains(
            "The view was written with decode version %d, and this verifier decodes with version %d"
                .formatted(own + 1, own));
    JsonNode found = result.toJson().path("result");
    assertThat(found.path("decode_version").asInt()).isEqualTo(own);
    assertThat(found.path("view_decode_version").asInt()).isEqualTo(own + 1);
  }

  @Test
  @Order(6)
  void shouldCountRecordsThatAnOpenTransactionHoldsBack() throws Exception {
    UserEvent update =
        TestEvents.updated(REGISTRATIONS.get(99).userId(), TIME + USERS)
            .set(UserField.CITY, "another city")
            .build();
    try (Producer<byte[], byte[]> open = LOG.transactionalProducer(LOG.name())) {
      open.beginTransaction();
      open.send(LOG.record(update)).get();
      send(TestEvents.deleted(REGISTRATIONS.get(98).userId(), TIME + USERS));
      producer.flush();

      ApplicationResult result = run();

      assertThat(result.status()).isEqualTo(ExitStatus.SUCCESS);
      assertThat(result.output())
          .contains("Not compared: ")
          .contains(" records are held back by an open transaction, the oldest for ");
      assertThat(result.toJson().path("result").at("/held_back/records").asInt()).isPositive();
      open.abortTransaction();
    }
    assertThat(verify("--await", "1s"))
        .contains("ROW_UNEXPECTED")
        .doesNotContain("Not compared")
        .doesNotContain("VALUE city");
  }

  /** Compares the view with the fold, independently of the verifier. */
  private static List<String> oracleDifferences() {
    return FoldOracle.VALUES_AND_WRITETIMES.differences(
        TestEvents.fold(REGISTRATIONS), VIEW.rows(session));
  }

  private static void send(UserEvent event) {
    producer.send(LOG.record(event));
  }

  /** Runs the verifier and returns its output and status. */
  private static String verify(String... arguments) {
    ApplicationResult result = run(arguments);
    return result.output().strip() + " status=" + result.status();
  }

  private static ApplicationResult run(String... arguments) {
    Settings settings =
        Settings.of(
            """
            kafka.bootstrap-servers = "%s"
            kafka.topic = %s
            cassandra.port = %d
            cassandra.keyspace = %s
            cassandra.reader.password-file = "%s"
            """
                .formatted(
                    LOG.kafka().bootstrapServers(),
                    LOG.name(),
                    VIEW.node().contactPoint().getPort(),
                    VIEW.keyspace(),
                    password));
    return ApplicationRunner.run(new Verifier(), settings, arguments);
  }
}
