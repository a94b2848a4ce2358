package io.foldlog.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.datastax.oss.driver.api.core.CqlSession;
import io.foldlog.local.servers.FreePort;
import io.foldlog.runtime.ApplicationResult;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.testing.kit.TestNames;
import io.foldlog.view.DecodeVersions;
import io.foldlog.view.DecodeVersions.OlderVersion;
import io.foldlog.view.TestView;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Usage errors and unavailable servers end with one message and an exit status. */
class StartupFailureIT {

  private static final String SHORT_STARTUP_TIMEOUT = "runtime.startup-timeout = 3 seconds";

  @TempDir private static Path folder;
  private static TestPipeline pipeline;

  /** One pipeline for all tests, because a layer that fails at its start writes nothing. */
  @BeforeAll
  static void provision() throws Exception {
    pipeline = TestPipeline.provisioned(folder, "refused");
  }

  private static void assertExit(Path settings, ExitStatus status, String message) {
    try (SpeedLayerInProcess layer = SpeedLayerInProcess.start(settings)) {
      ApplicationResult result = layer.result();
      assertThat(result.status()).as(result.message()).isEqualTo(status);
      assertThat(result.message()).contains(message);
      assertThat(result.result()).isEmpty();
    }
  }

  @Test
  void shouldRejectWrongPassword() throws Exception {
    assertExit(
        pipeline.settings(
            "cassandra.writer.password-file = \"%s\"".formatted(pipeline.secret("wrong-password"))),
        ExitStatus.USAGE_ERROR,
        "refuses the login of pipeline_writer");
  }

  @Test
  void shouldReportMissingKeyspaceAfterStartupTimeout() {
    assertExit(
        pipeline.settings(SHORT_STARTUP_TIMEOUT, "cassandra.keyspace = missing"),
        ExitStatus.USAGE_ERROR,
        "There is no keyspace missing");
  }

  @Test
  void shouldReportMissingTopicAfterStartupTimeout() {
    String missing = TestNames.unique("missing");

    assertExit(
        pipeline.settings(SHORT_STARTUP_TIMEOUT, "kafka.topic = " + missing),
        ExitStatus.USAGE_ERROR,
        "has no topic " + missing);
  }

  @Test
  void shouldExitUnavailableWhenKafkaDoesNotAnswerInTime() {
    String unusedAddress = "127.0.0.1:" + FreePort.next();

    assertExit(
        pipeline.settings(
            SHORT_STARTUP_TIMEOUT, "kafka.bootstrap-servers = \"%s\"".formatted(unusedAddress)),
        ExitStatus.UNAVAILABLE,
        "Kafka at " + unusedAddress);
  }

  @Test
  void shouldExitUnavailableWhenCassandraDoesNotAnswerInTime() {
    int unusedPort = FreePort.next();

    assertExit(
        pipeline.settings(SHORT_STARTUP_TIMEOUT, "cassandra.port = " + unusedPort),
        ExitStatus.UNAVAILABLE,
        "Cassandra at 127.0.0.1:" + unusedPort);
  }

  @Test
  void shouldRejectViewToWhichHigherDecodeVersionHasWritten() throws Exception {
    Path separate = Files.createDirectory(folder.resolve("newer"));
    TestPipeline newer = pipeline.withSeparateView(separate, "newer");
    try (CqlSession session = newer.view().session(TestView.WRITER)) {
      new DecodeVersions(session, newer.keyspace()).admit(99, OlderVersion.REFUSE);
    }

    assertExit(
        newer.settings(), ExitStatus.USAGE_ERROR, "Decode version 99 has written to the view");
    assertThat(newer.checkpoint())
        .as("a checkpoint is not bound to a layer that does not start")
        .doesNotExist();
  }

  @Test
  void shouldRejectContinuousTriggerWithFewerTaskSlotsThanPartitions() {
    int partitions = SpeedLayerInProcess.TASK_SLOTS + 1;
    TestPipeline wide = TestPipeline.unprovisioned(folder, "wide");
    wide.provisionTopics(partitions);

    assertExit(
        pipeline.settings(
            "kafka.topic = " + wide.topic(),
            "speed-layer.checkpoint = \"%s\"".formatted(folder.resolve("wide"))),
        ExitStatus.USAGE_ERROR,
        "has %d partitions, and Spark has %d slots"
            .formatted(partitions, SpeedLayerInProcess.TASK_SLOTS));
  }

  @Test
  void shouldRejectCheckpointOfOtherTrigger() {
    try (SpeedLayerInProcess layer =
        SpeedLayerInProcess.start(pipeline.settings("speed-layer.trigger = micro-batch"))) {
      await().atMost(Duration.ofMinutes(1)).until(layer::hasStarted);
    }

    assertExit(
        pipeline.settings("speed-layer.trigger = continuous"),
        ExitStatus.STATE_MISMATCH,
        "belongs to the trigger micro-batch");
  }
}
