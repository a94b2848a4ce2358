package io.foldlog.testing.scenarios;

import static io.foldlog.contract.TestEvents.user;
import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.Row;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.jackson.JsonFormat;
import io.cloudevents.kafka.KafkaMessageFactory;
import io.foldlog.contract.Rejection;
import io.foldlog.log.DeadLetter;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.speed.RunningSpeedLayer;
import io.foldlog.speed.TestPipeline;
import io.foldlog.testing.kit.SharedServers;
import io.foldlog.view.TestView;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Producers of others, in both layers: Kafka's own transactional producer, kafka-python, and
 * confluent-kafka with transactions. They send events of the CloudEvents SDKs for Java and Python,
 * in both content modes.
 */
class OutsideClientsIT {

  /** Users of each client, in this order: Java, kafka-python, confluent-kafka. */
  private static final int USERS_OF_EACH_CLIENT = 4;

  private static final int CLIENTS = 3;

  /** Users whose transactions are aborted. */
  private static final UUID ABORTED_IN_JAVA = user(100);

  private static final UUID ABORTED_IN_PYTHON = user(101);
  private static final OffsetDateTime TIME =
      OffsetDateTime.parse("2024-01-01T12:00:00.123456789+05:30");
  private static final long TIME_MICROS = 1_704_090_600_123_456L;
  private static final long SECOND_MICROS = 1_000_000;

  @TempDir private Path folder;

  @Test
  void shouldShowCommittedEventsOfEachClientInBothLayersAtTheirOwnTimes() throws Exception {
    TestEnvironment environment = TestEnvironment.in(folder, "outside_clients");
    TestPipeline pipeline = environment.pipeline();
    sendWithKafkasTransactionalProducer(pipeline, users(0));
    sendWithPython("cloudevents_with_kafka_python.py", pipeline, users(1));
    List<UUID> confluent = new ArrayList<>(users(2));
    confluent.add(ABORTED_IN_PYTHON);
    sendWithPython("cloudevents_with_confluent_kafka.py", pipeline, confluent);

    try (RunningSpeedLayer layer = environment.startSpeedLayer()) {
      environment.awaitDrainedBy(layer);
      assertThat(layer.stop()).as(layer::output).isEqualTo(ExitStatus.TERMINATED);
    }

    try (CqlSession session = pipeline.view().session(TestView.ADMIN)) {
      for (int number = 0; number < CLIENTS * USERS_OF_EACH_CLIENT; number++) {
        assertThatUserIsShown(session, pipeline.keyspace(), number);
      }
      assertThat(pipeline.view().rows(session))
          .doesNotContainKeys(ABORTED_IN_JAVA, ABORTED_IN_PYTHON);
    }
    assertThat(pipeline.deadLetters())
        .extracting(DeadLetter::rejection)
        .extracting(Rejection::code)
        .containsExactly(Rejection.Code.UNSUPPORTED_FORMAT);
    environment.assertThatViewEqualsFoldOfLog();
    assertThat(environment.batch("archive")).isEqualTo(ExitStatus.SUCCESS);
    assertThat(environment.batch("fold")).isEqualTo(ExitStatus.SUCCESS);
    assertThat(environment.newestReport().at("/fold/rejected").asInt()).isOne();
    assertThat(environment.batch("reconcile")).isEqualTo(ExitStatus.SUCCESS);
    assertThat(environment.newestReport().at("/reconcile/outcome").asText()).isEqualTo("CLEAN");
  }

  private static void assertThatUserIsShown(CqlSession session, String keyspace, int number) {
    Row row =
        session
            .execute(
                "SELECT first_name, city, email, writetime(city) FROM %s.created_users WHERE id = %s"
                    .formatted(keyspace, user(number)))
            .one();
    if (number % 2 == 1) {
      assertThat(row).as("deleted user %d", number).isNull();
      return;
    }
    assertThat(row).as("user %d", number).isNotNull();
    assertThat(row.getString(0)).isEqualTo("Zoë");
    assertThat(row.getString(1)).isEqualTo("Bern");
    assertThat(row.isNull(2)).as("cleared email").isTrue();
    assertThat(row.getLong(3)).isEqualTo(TIME_MICROS + SECOND_MICROS);
  }

  private static List<UUID> users(int client) {
    return IntStream.range(client * USERS_OF_EACH_CLIENT, (client + 1) * USERS_OF_EACH_CLIENT)
        .mapToObj(number -> user(number))
        .toList();
  }

  /** One transaction for each user, as in {@code cloudevents_with_confluent_kafka.py}. */
  private static void sendWithKafkasTransactionalProducer(TestPipeline pipeline, List<UUID> users) {
    try (Producer<byte[], byte[]> producer = pipeline.transactionalProducer("outside_client")) {
      producer.beginTransaction();
      javaEvents(ABORTED_IN_JAVA, false)
          .forEach(event -> producer.send(record(pipeline.topic(), ABORTED_IN_JAVA, event, true)));
      producer.flush();
      producer.abortTransaction();
      for (int line = 0; line < users.size(); line++) {
        producer.beginTransaction();
        List<CloudEvent> events = javaEvents(users.get(line), line % 2 == 1);
        for (int number = 0; number < events.size(); number++) {
          boolean isBinary = (line / 2 + number) % 2 == 0;
          producer.send(record(pipeline.topic(), users.get(line), events.get(number), isBinary));
        }
        if (line == 0) {
          producer.send(record(pipeline.topic(), users.get(line), unsupportedEvent(), true));
        }
        producer.commitTransaction();
      }
    }
  }

  private static ProducerRecord<byte[], byte[]> record(
      String topic, UUID user, CloudEvent event, boolean isBinary) {
    byte[] key = user.toString().getBytes(StandardCharsets.US_ASCII);
    var writer = KafkaMessageFactory.createWriter(topic, key);
    return isBinary ? writer.writeBinary(event) : writer.writeStructured(event, new JsonFormat());
  }

  private static List<CloudEvent> javaEvents(UUID user, boolean isDeleted) {
    List<CloudEvent> events = new ArrayList<>();
    events.add(
        javaEvent(
            user,
            "user.registered.v1",
            0,
            "{\"first_name\":\"Zoë\",\"city\":\"Rome\",\"email\":\"z@example.org\"}"));
    events.add(javaEvent(user, "user.updated.v1", 1, "{\"city\":\"Bern\",\"email\":null}"));
    if (isDeleted) {
      events.add(javaEvent(user, "user.deleted.v1", 2, null));
    }
    return events;
  }

  private static CloudEvent javaEvent(UUID user, String type, int second, String data) {
    CloudEventBuilder event =
        CloudEventBuilder.v1()
            .withId(user + "-" + second)
            .withSource(URI.create("https://example.org/java"))
            .withType(type)
            .withSubject(user.toString())
            .withTime(TIME.plusSeconds(second))
            .withExtension("partitionkey", user.toString());
    return data == null
        ? event.build()
        : event.withData("application/json", data.getBytes(StandardCharsets.UTF_8)).build();
  }

  private static CloudEvent unsupportedEvent() {
    return CloudEventBuilder.from(javaEvent(user(0), "user.updated.v1", 3, null))
        .withData("application/xml", "<city>Oslo</city>".getBytes(StandardCharsets.UTF_8))
        .build();
  }

  private void sendWithPython(String script, TestPipeline pipeline, List<UUID> users)
      throws IOException, InterruptedException {
    Path input =
        Files.writeString(
            folder.resolve(script + ".txt"),
            users.stream().map(UUID::toString).collect(Collectors.joining("\n")));
    Path output = folder.resolve(script + ".log");
    ProcessBuilder command =
        new ProcessBuilder(
                python(),
                Path.of("src/test/python", script).toAbsolutePath().toString(),
                SharedServers.kafka().bootstrapServers(),
                pipeline.topic())
            .redirectInput(input.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    command.environment().put("PYTHONDONTWRITEBYTECODE", "1");
    Process process = command.start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("the Python producer ended").isTrue();
      assertThat(process.exitValue()).as(Files.readString(output)).isZero();
    } finally {
      process.destroyForcibly();
    }
  }

  private static String python() {
    String python = System.getenv("CLIENTS_PYTHON");
    assertThat(python)
        .as("CLIENTS_PYTHON, which make test sets: a Python with the packages of clients.lock")
        .isNotBlank();
    return python;
  }
}
