package io.foldlog.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.foldlog.local.servers.FreePort;
import io.foldlog.runtime.ApplicationResult;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.testing.kit.TestNames;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person can act on is one sentence and a status. */
class RefusalIT {

  private static final String SHORT_WAIT = "runtime.startup-timeout = 3 seconds";

  @TempDir private static Path folder;
  private static TestPipeline pipeline;

  /** Of all tests: what is refused writes nothing. */
  @BeforeAll
  static void provision() throws Exception {
    pipeline = TestPipeline.provisioned(folder, "refused");
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
    assertThatItEnds(
        pipeline.settings(
            "cassandra.writer.password-file = \"%s\"".formatted(pipeline.secret("wrong-word"))),
        ExitStatus.USAGE_ERROR,
        "refuses the login of pipeline_writer");
  }

  @Test
  void shouldNameAMissingKeyspaceOnceItWaitedInVain() {
    assertThatItEnds(
        pipeline.settings(SHORT_WAIT, "cassandra.keyspace = missing"),
        ExitStatus.USAGE_ERROR,
        "There is no keyspace missing");
  }

  @Test
  void shouldNameAMissingTopicOnceItWaitedInVain() {
    String missing = TestNames.unique("missing");

    assertThatItEnds(
        pipeline.settings(SHORT_WAIT, "kafka.topic = " + missing),
        ExitStatus.USAGE_ERROR,
        "has no topic " + missing);
  }

  @Test
  void shouldEndAsUnavailableWhenKafkaDoesNotAnswerInTime() {
    String nowhere = "127.0.0.1:" + FreePort.next();

    assertThatItEnds(
        pipeline.settings(SHORT_WAIT, "kafka.bootstrap-servers = \"%s\"".formatted(nowhere)),
        ExitStatus.UNAVAILABLE,
        "Kafka at " + nowhere);
  }

  @Test
  void shouldEndAsUnavailableWhenCassandraDoesNotAnswerInTime() {
    int nowhere = FreePort.next();

    assertThatItEnds(
        pipeline.settings(SHORT_WAIT, "cassandra.port = " + nowhere),
        ExitStatus.UNAVAILABLE,
        "Cassandra at 127.0.0.1:" + nowhere);
  }

  @Test
  void shouldRefuseContinuousWithFewerTaskSlotsThanPartitions() {
    int partitions = SpeedLayerInProcess.TASK_SLOTS + 1;
    TestPipeline wide = TestPipeline.unprovisioned(folder, "wide");
    wide.provisionTopics(partitions);

    assertThatItEnds(
        pipeline.settings(
            "kafka.topic = " + wide.topic(),
            "speed-layer.checkpoint = \"%s\"".formatted(folder.resolve("wide"))),
        ExitStatus.USAGE_ERROR,
        "has %d partitions, and Spark has %d slots"
            .formatted(partitions, SpeedLayerInProcess.TASK_SLOTS));
  }

  @Test
  void shouldRefuseTheCheckpointOfAnotherTrigger() {
    try (SpeedLayerInProcess layer =
        SpeedLayerInProcess.start(pipeline.settings("speed-layer.trigger = micro-batch"))) {
      await().atMost(Duration.ofMinutes(1)).until(layer::hasStarted);
    }

    assertThatItEnds(
        pipeline.settings("speed-layer.trigger = continuous"),
        ExitStatus.STATE_MISMATCH,
        "belongs to the trigger micro-batch");
  }
}
