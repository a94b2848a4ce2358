package io.foldlog.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.foldlog.local.servers.FreePort;
import io.foldlog.local.servers.SharedServers;
import io.foldlog.log.DeadLetter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person can act on is one sentence and a status. */
class RefusalIT {

  private static final Duration LIMIT = Duration.ofMinutes(2);
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
  void shouldSayWhereARecordIsThatItsHeapCannotHoldAndGoOnWithMore() throws Exception {
    name("immense");
    stage.provisionTopics();
    stage.provisionView();
    Path settings = stage.settings();
    int immense = 70 * 1024 * 1024; // a few KB in the log
    Map<String, Object> tuning =
        Map.of("max.request.size", 2 * immense, "buffer.memory", 2L * immense);
    try (Producer<byte[], byte[]> producer = stage.connection().producer(tuning)) {
      producer.send(new ProducerRecord<>(stage.topic(), 1, null, new byte[immense]));
    }

    try (SpeedLayerProcess layer = SpeedLayerProcess.start(settings)) {
      assertThat(layer.status()).as(layer::output).isEqualTo(2);
      assertThat(layer.output().lines().reduce((before, last) -> last).orElseThrow())
          .contains("heap of", "was too small", "read on from the offsets 0:0,1:0");
    }
    try (SpeedLayerProcess layer =
        SpeedLayerProcess.start(settings, process -> process.heap("1600m"))) {
      await().atMost(LIMIT).until(() -> layer.isRunning() && stage.isDrainedBy(layer.pid()));
      assertThat(stage.deadLetters())
          .singleElement()
          .extracting(DeadLetter::leftOutBytes)
          .isEqualTo((long) immense);
    }
  }
}
