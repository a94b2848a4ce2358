package io.foldlog.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.foldlog.application.ApplicationResult;
import io.foldlog.application.ExitStatus;
import io.foldlog.local.servers.FreePort;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person can act on is one sentence and a status. */
class RefusalIT {

  private static final String SHORT_WAIT = "wait.limit = 3 seconds";

  @TempDir private Path folder;
  private Stage stage;

  @BeforeEach
  void name() {
    stage = Stage.unprovisioned(folder, "refused");
  }

  private static void assertThatItEnds(Path settings, ExitStatus status, String words) {
    try (SpeedLayerInProcess layer = SpeedLayerInProcess.start(settings)) {
      ApplicationResult result = layer.result();
      assertThat(result.status()).as(result.message()).isEqualTo(status);
      assertThat(result.message()).contains(words);
      assertThat(result.result()).isEmpty();
    }
  }

  @Test
  void shouldRefuseAWrongPassword() throws Exception {
    stage.provisionTopics();
    stage.provisionView();

    assertThatItEnds(
        stage.settings(
            "cassandra.writer.password-file = \"%s\"".formatted(stage.secret("wrong-word"))),
        ExitStatus.REFUSED,
        "refuses the login of pipeline_writer");
  }

  @Test
  void shouldNameAMissingKeyspaceOnceItWaitedInVain() throws Exception {
    stage.provisionTopics();
    stage.provisionView();

    assertThatItEnds(
        stage.settings(SHORT_WAIT, "cassandra.keyspace = missing"),
        ExitStatus.REFUSED,
        "There is no keyspace missing");
  }

  @Test
  void shouldNameAMissingTopicOnceItWaitedInVain() throws Exception {
    stage.provisionView();

    assertThatItEnds(
        stage.settings(SHORT_WAIT), ExitStatus.REFUSED, "has no topic " + stage.topic());
  }

  @Test
  void shouldEndAsUnavailableWhenKafkaDoesNotAnswerInTime() throws Exception {
    stage.provisionView();
    String nowhere = "127.0.0.1:" + FreePort.next();

    assertThatItEnds(
        stage.settings(SHORT_WAIT, "kafka.bootstrap-servers = \"%s\"".formatted(nowhere)),
        ExitStatus.UNAVAILABLE,
        "Kafka at " + nowhere);
  }

  @Test
  void shouldEndAsUnavailableWhenCassandraDoesNotAnswerInTime() {
    int nowhere = FreePort.next();

    assertThatItEnds(
        stage.settings(SHORT_WAIT, "cassandra.port = " + nowhere),
        ExitStatus.UNAVAILABLE,
        "Cassandra at 127.0.0.1:" + nowhere);
  }

  @Test
  void shouldRefuseContinuousWithFewerTaskSlotsThanPartitions() throws Exception {
    int partitions = SpeedLayerInProcess.TASK_SLOTS + 1;
    stage.provisionTopics(partitions);
    stage.provisionView();

    assertThatItEnds(
        stage.settings(),
        ExitStatus.REFUSED,
        "has %d partitions, and Spark has %d slots"
            .formatted(partitions, SpeedLayerInProcess.TASK_SLOTS));
  }

  @Test
  void shouldRefuseTheCheckpointOfAnotherTrigger() throws Exception {
    stage.provisionTopics();
    stage.provisionView();
    try (SpeedLayerInProcess layer =
        SpeedLayerInProcess.start(stage.settings("speed-layer.trigger = micro-batch"))) {
      await().atMost(Duration.ofMinutes(1)).until(layer::hasStarted);
    }

    assertThatItEnds(
        stage.settings("speed-layer.trigger = continuous"),
        ExitStatus.RECORD_CHANGED,
        "belongs to the trigger micro-batch");
  }
}
