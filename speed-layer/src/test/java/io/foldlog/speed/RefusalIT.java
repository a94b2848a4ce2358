package io.foldlog.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.foldlog.local.servers.FreePort;
import io.foldlog.local.servers.SharedServers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.producer.Producer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person can act on is one sentence and a status. */
class RefusalIT {

  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final String SHORT_WAIT = "wait.limit = 3 seconds";

  @TempDir private Path folder;
  private Stage stage;

  /** Nearly all can do with one log and view; who changes or lacks them names his own. */
  @BeforeEach
  void name() {
    name("refused");
  }

  private void name(String name) {
    stage = Stage.unprovisioned(SharedServers.kafka(), SharedServers.cassandra(), folder, name);
  }

  private static void assertThatItEnds(Path settings, int status, String... words) {
    try (SpeedLayerProcess layer = SpeedLayerProcess.start(settings)) {
      assertThat(layer.status()).as(layer::output).isEqualTo(status);
      assertThat(layer.output()).contains(words).doesNotContain("\tat ");
    }
  }

  @Test
  void shouldRefuseAWrongPassword() throws Exception {
    stage.provisionTopics();
    stage.provisionView();

    assertThatItEnds(
        stage.settings(
            "cassandra.writer.password-file = \"%s\"".formatted(stage.secret("wrong-word"))),
        2,
        "refuses the login of pipeline_writer");
  }

  @Test
  void shouldNameAMissingKeyspaceOnceItWaitedInVain() throws Exception {
    stage.provisionTopics();
    stage.provisionView();

    assertThatItEnds(
        stage.settings(SHORT_WAIT, "cassandra.keyspace = missing"),
        2,
        "There is no keyspace missing");
  }

  @Test
  void shouldNameAMissingTopicOnceItWaitedInVain() throws Exception {
    String keyspace = stage.keyspace();
    stage.provisionView();
    name("missing");

    assertThatItEnds(
        stage.settings(SHORT_WAIT, "cassandra.keyspace = " + keyspace),
        2,
        "has no topic missing",
        "waiting_for=");
  }

  @Test
  void shouldEndAsUnavailableWhenKafkaDoesNotAnswerInTime() throws Exception {
    stage.provisionView();
    String nowhere = "127.0.0.1:" + FreePort.next();

    assertThatItEnds(
        stage.settings(SHORT_WAIT, "kafka.bootstrap-servers = \"%s\"".formatted(nowhere)),
        6,
        "Kafka at " + nowhere);
  }

  @Test
  void shouldEndAsUnavailableWhenCassandraDoesNotAnswerInTime() {
    int nowhere = FreePort.next();

    assertThatItEnds(
        stage.settings(SHORT_WAIT, "cassandra.port = " + nowhere),
        6,
        "Cassandra at 127.0.0.1:" + nowhere);
  }

  @Test
  void shouldRefuseContinuousWithFewerTaskSlotsThanPartitions() throws Exception {
    stage.provisionTopics();
    stage.provisionView();

    try (SpeedLayerProcess layer = SpeedLayerProcess.start(stage.settings(), 1)) {
      assertThat(layer.status()).as(layer::output).isEqualTo(2);
      assertThat(layer.output()).contains("has 2 partitions, and Spark has 1 slots");
    }
  }

  @Test
  void shouldStopAtACheckpointOfSomethingElse() throws Exception {
    stage.provisionTopics();
    stage.provisionView();
    Files.createDirectories(stage.checkpoint());
    Files.writeString(stage.checkpoint().resolve("metadata"), "{}");

    assertThatItEnds(
        stage.settings(), 3, "no checkpoint of the speed layer", "rm -r '" + stage.checkpoint());
  }

  @Test
  void shouldStopAtACheckpointOfTheOtherTrigger() throws Exception {
    stage.provisionTopics();
    stage.provisionView();
    Files.createDirectories(stage.checkpoint());
    new CheckpointBinding("micro-batch", stage.topic(), stage.endOffsets().topicId(), 1)
        .write(stage.checkpoint());

    assertThatItEnds(
        stage.settings(), 3, "belongs to the trigger micro-batch", "rm -r '" + stage.checkpoint());
  }

  @Test
  void shouldStopWhenTheTopicIsCreatedAgainBeneathIt() throws Exception {
    name("recreated");
    stage.provisionTopics();
    stage.provisionView();
    UserEvents events = new UserEvents(2, 10);
    try (Admin admin = stage.connection().admin();
        SpeedLayerProcess layer = SpeedLayerProcess.start(stage.settings())) {
      try (Producer<byte[], byte[]> producer = stage.producer()) {
        producer.send(stage.record(events.next()));
      }
      await().atMost(LIMIT).until(() -> stage.isDrainedBy(layer.pid()));
      admin.deleteTopics(List.of(stage.topic())).all().get();

      assertThat(layer.status()).as(layer::output).isEqualTo(3);
    }
    stage.provisionTopics();
    assertThatItEnds(
        stage.settings(), 3, "was deleted and created again", "rm -r '" + stage.checkpoint());
  }

  @Test
  void shouldEndContinuousToBeStartedAgainWhenAPartitionIsAdded() throws Exception {
    name("widened");
    stage.provisionTopics();
    stage.provisionView();
    try (Admin admin = stage.connection().admin();
        SpeedLayerProcess layer = SpeedLayerProcess.start(stage.settings())) {
      await().atMost(LIMIT).until(() -> stage.status().path("epoch").asLong() > 0);
      admin.createPartitions(Map.of(stage.topic(), NewPartitions.increaseTo(3))).all().get();

      assertThat(layer.status()).as(layer::output).isEqualTo(6);
      assertThat(layer.output()).contains("has 3 partitions now and had 2 at the start");
    }
  }
}
