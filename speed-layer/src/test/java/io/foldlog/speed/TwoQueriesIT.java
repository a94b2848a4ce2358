package io.foldlog.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.foldlog.contract.TestEventStream;
import io.foldlog.runtime.ExitStatus;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two queries in one JVM and one Spark session, with separate logs, views and checkpoints. */
class TwoQueriesIT {

  private static final Duration TIMEOUT = Duration.ofSeconds(90);

  /** Threads of Kafka's clients, Cassandra's sessions, heartbeats and periodic tasks of a query. */
  private static final Pattern QUERY_THREADS =
      Pattern.compile("kafka-(producer|admin).*|s\\d+-.*|heartbeat of .*|query-watch");

  @TempDir private Path folder;

  @Test
  void shouldRunTwoQueriesAndStopThemIndependently() throws Exception {
    Set<Thread> before = queryThreads();
    TestPipeline one = pipeline("one");
    TestPipeline other = pipeline("other");
    try (SpeedLayerInProcess first = start(one, TriggerMode.CONTINUOUS);
        SpeedLayerInProcess second = start(other, TriggerMode.CONTINUOUS)) {
      await().atMost(TIMEOUT).until(() -> first.hasStarted() && second.hasStarted());
      send(one, 11, 30, 1);
      send(other, 12, 50, 2);
      awaitCounts(one, first, 30, 1);
      awaitCounts(other, second, 50, 2);

      assertThat(first.stop()).as(first::output).isEqualTo(ExitStatus.TERMINATED);
      assertThat(one.status().path("state").asText()).isEqualTo("stopped");
      send(other, 13, 20, 0);
      send(one, 14, 5, 0);
      awaitCounts(other, second, 70, 2);

      assertThat(second.isRunning()).as(second::output).isTrue();
      assertThat(second.stop()).as(second::output).isEqualTo(ExitStatus.TERMINATED);
      SpeedLayerResult firstResult = first.result().result(SpeedLayerResult.class);
      SpeedLayerResult secondResult = second.result().result(SpeedLayerResult.class);
      assertThat(firstResult.topic()).isEqualTo(one.topic());
      assertThat(firstResult.recordsRead()).isEqualTo(31);
      assertThat(firstResult.recordsRejected()).isEqualTo(1);
      assertThat(secondResult.topic()).isEqualTo(other.topic());
      assertThat(secondResult.recordsRead()).isEqualTo(72);
      assertThat(secondResult.recordsRejected()).isEqualTo(2);
      assertThat(one.status().path("written").asInt()).isEqualTo(30);
    }
    assertThat(one.deadLetters()).hasSize(1);
    assertThat(other.deadLetters()).hasSize(2);
    assertThat(other.differences()).isEmpty();

    try (SpeedLayerInProcess again = start(one, TriggerMode.CONTINUOUS)) {
      await().atMost(TIMEOUT).until(() -> again.hasStarted() && one.isDrainedBy(again));
    }
    assertThat(one.differences()).isEmpty();
    await().atMost(TIMEOUT).untilAsserted(() -> assertThat(queryThreads()).isSubsetOf(before));
  }

  private TestPipeline pipeline(String name) throws Exception {
    return TestPipeline.provisioned(Files.createDirectory(folder.resolve(name)), "two_" + name);
  }

  private static SpeedLayerInProcess start(TestPipeline pipeline, TriggerMode trigger) {
    return SpeedLayerInProcess.start(
        pipeline.settings("speed-layer.trigger = " + trigger.settingName()));
  }

  private static void send(TestPipeline pipeline, long seed, int events, int rejected) {
    TestEventStream users = new TestEventStream(seed, 10);
    try (Producer<byte[], byte[]> producer = pipeline.producer()) {
      for (int count = 0; count < events; count++) {
        producer.send(pipeline.record(users.next()));
      }
      for (int count = 0; count < rejected; count++) {
        byte[] value = "not JSON".getBytes(StandardCharsets.UTF_8);
        producer.send(new ProducerRecord<>(pipeline.topic(), value));
      }
    }
  }

  /** Waits, because the executors report their counts once a second. */
  private static void awaitCounts(
      TestPipeline pipeline, RunningSpeedLayer layer, int written, int rejected) {
    await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () -> {
              assertThat(layer.hasStarted() && pipeline.isDrainedBy(layer)).isTrue();
              assertThat(pipeline.status().path("in").asInt()).isEqualTo(written + rejected);
              assertThat(pipeline.status().path("written").asInt()).isEqualTo(written);
              assertThat(pipeline.status().path("rejected").asInt()).isEqualTo(rejected);
            });
  }

  private static Set<Thread> queryThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> QUERY_THREADS.matcher(thread.getName()).matches())
        .collect(Collectors.toSet());
  }
}
