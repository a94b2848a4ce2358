package io.foldlog.testing.faults;

import static io.foldlog.contract.TestEvents.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.datastax.oss.driver.api.core.CqlSession;
import io.foldlog.admin.AdminApplication;
import io.foldlog.batch.BatchLayer;
import io.foldlog.contract.Rejection;
import io.foldlog.contract.UserField;
import io.foldlog.local.servers.SparkProcess;
import io.foldlog.log.DeadLetter;
import io.foldlog.runtime.ApplicationResult;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.speed.SpeedLayerProcess;
import io.foldlog.speed.TestPipeline;
import io.foldlog.testing.scenarios.Proof;
import io.foldlog.testing.scenarios.TestEnvironment;
import io.foldlog.view.TestView;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Records of a few kilobytes that unpack to 200 MiB, in the middle of a batch of good records: one
 * is an event, the other one is not. A layer that cannot read them names them, an operator skips
 * them, and nothing is lost.
 */
@Tag("fault")
class PoisonRecordsIT {

  private static final Proof PROOF = Proof.section("45-poison", "Poison records");
  private static final Duration TIMEOUT = Duration.ofMinutes(3);
  private static final int PARTITION = 1;
  private static final int POISON_BYTES = 200 * 1024 * 1024;
  private static final String LARGE_HEAP = "4g";

  /** The offset of the record that is an event. */
  private static final long POISON_OFFSET = 3;

  private static final UUID EVENT_OF_POISON = user(7);
  private static final int SKIPPED = 4;

  @TempDir private Path folder;
  private TestEnvironment environment;
  private TestPipeline pipeline;

  @Test
  void shouldLoseNothingWhenRecordsAreSkippedBeforeALayerHasReadThem() throws Exception {
    start("skipped_before");
    String record = pipeline.endOffsets().logId() + ":" + PARTITION + ":" + POISON_OFFSET;

    assertThat(endOfSpeedLayer()).doesNotContain(record);
    assertThat(endOfSpeedLayer()).contains("foldlog dead-letters skip " + record);
    assertThat(endOfArchive()).doesNotContain(record);
    assertThat(endOfArchive()).contains("foldlog dead-letters skip " + record);

    skip(record);
    drainWithSpeedLayer("768m");
    archive("768m");
    assertThatNothingIsLost(Rejection.Code.SKIPPED_BY_OPERATOR);
    PROOF.addLine("skipped before both layers: each ended twice and named the record");
  }

  @Test
  void shouldLoseNothingWhenRecordsAreSkippedBetweenTheLayers() throws Exception {
    start("skipped_between");
    drainWithSpeedLayer(LARGE_HEAP);
    skip(PARTITION + ":" + POISON_OFFSET);
    drainWithSpeedLayer("768m");
    archive("768m");
    assertThatNothingIsLost(Rejection.Code.BAD_VALUE, Rejection.Code.SKIPPED_BY_OPERATOR);
    PROOF.addLine("skipped after the speed layer and before the batch layer");
  }

  @Test
  void shouldLoseNothingWhenRecordsAreSkippedAfterBothLayersHaveReadThem() throws Exception {
    start("skipped_after");
    drainWithSpeedLayer(LARGE_HEAP);
    archive(LARGE_HEAP);
    skip(PARTITION + ":" + POISON_OFFSET);
    drainWithSpeedLayer("768m");
    archive("768m");
    assertThat(new SparkRun("fold").run(LARGE_HEAP)).isZero();
    assertThat(environment.batch("reconcile")).isEqualTo(ExitStatus.SUCCESS);
    assertThatReconcileIsClean();
    environment.assertThatViewEqualsFoldOfLog();
    assertThatUsersAreShown(Rejection.Code.BAD_VALUE, Rejection.Code.SKIPPED_BY_OPERATOR);
    PROOF.addLine("skipped after both layers had read the records");
  }

  @Test
  void shouldPassManyLargeRecordsThatExceedTheHeapTogether() throws Exception {
    environment = TestEnvironment.in(folder, "large_records");
    pipeline = environment.pipeline();
    int records = 120;
    int bytes = 12 * 1024 * 1024;
    try (Producer<byte[], byte[]> producer =
        pipeline
            .clients()
            .producer(
                Map.of(
                    "linger.ms",
                    5_000,
                    "batch.size",
                    20 * bytes,
                    "max.request.size",
                    20 * bytes,
                    "buffer.memory",
                    60L * bytes))) {
      for (int number = 0; number < records; number++) {
        send(
            producer,
            padded("{\"id\":\"%s\",".formatted(user(number)), "\"city\":\"Bern\"}", bytes));
      }
    }
    // as its supervisor does: it starts the layer once more after RESOURCE_EXHAUSTED
    try (SpeedLayerProcess layer = SpeedLayerProcess.start(environment.settings())) {
      await()
          .atMost(TIMEOUT)
          .until(() -> !layer.isRunning() || layer.hasStarted() && pipeline.isDrainedBy(layer));
    }
    drainWithSpeedLayer("768m");
    archive("768m");
    assertThat(new SparkRun("fold").run("768m")).isZero();
    assertThat(environment.batch("reconcile")).isEqualTo(ExitStatus.SUCCESS);
    assertThatReconcileIsClean();
    environment.assertThatViewEqualsFoldOfLog();
    PROOF.addLine(
        "%d records of %d MiB with a heap of 768 MiB: all are written and archived",
        records, bytes >> 20);
  }

  private void start(String name) throws Exception {
    environment = TestEnvironment.in(folder, name);
    pipeline = environment.pipeline();
    try (Producer<byte[], byte[]> producer =
        pipeline
            .clients()
            .producer(
                Map.of(
                    "linger.ms",
                    5_000,
                    "batch.size",
                    3 * POISON_BYTES,
                    "max.request.size",
                    3 * POISON_BYTES,
                    "buffer.memory",
                    4L * POISON_BYTES))) {
      send(producer, event(0));
      producer.flush();
      send(producer, event(1));
      send(producer, event(2));
      send(
          producer,
          padded(
              "{\"id\":\"%s\",\"first_name\":\"Ada\",".formatted(EVENT_OF_POISON),
              "\"city\":\"Bern\"}"));
      send(producer, event(3));
      send(producer, padded("{\"id\":\"no id\",", "\"city\":\"Bern\"}"));
      send(producer, event(4));
      producer.flush();
      send(producer, event(5));
    }
  }

  private void send(Producer<byte[], byte[]> producer, byte[] value) {
    producer.send(new ProducerRecord<>(pipeline.topic(), PARTITION, null, value));
  }

  private static byte[] event(int number) {
    return "{\"id\":\"%s\",\"city\":\"Bern\"}"
        .formatted(user(number))
        .getBytes(StandardCharsets.UTF_8);
  }

  /** JSON with white space between the parts. */
  private static byte[] padded(String first, String last) {
    return padded(first, last, POISON_BYTES);
  }

  private static byte[] padded(String first, String last, int bytes) {
    byte[] value = new byte[bytes];
    Arrays.fill(value, (byte) ' ');
    byte[] begin = first.getBytes(StandardCharsets.UTF_8);
    byte[] end = last.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(begin, 0, value, 0, begin.length);
    System.arraycopy(end, 0, value, value.length - end.length, end.length);
    return value;
  }

  /** The output of a speed layer that ends for lack of heap. */
  private String endOfSpeedLayer() {
    try (SpeedLayerProcess layer = SpeedLayerProcess.start(environment.settings())) {
      assertThat(layer.ended()).as(layer::output).isEqualTo(ExitStatus.RESOURCE_EXHAUSTED);
      return layer.output().lines().reduce((before, last) -> last).orElseThrow();
    }
  }

  private void drainWithSpeedLayer(String heap) {
    try (SpeedLayerProcess layer =
        SpeedLayerProcess.start(environment.settings(), process -> process.heap(heap))) {
      await()
          .atMost(TIMEOUT)
          .until(
              () -> {
                assertThat(layer.isRunning()).as(layer::output).isTrue();
                return layer.hasStarted() && pipeline.isDrainedBy(layer);
              });
      assertThat(layer.stop()).as(layer::output).isEqualTo(ExitStatus.TERMINATED);
    }
  }

  private void skip(String record) {
    ApplicationResult result =
        environment.execute(
            new AdminApplication(),
            "dead-letters",
            "skip",
            record,
            "--reason",
            "unpacks to 200 MiB");
    assertThat(result.status()).as(result.output()).isEqualTo(ExitStatus.SUCCESS);
    assertThat(result.output())
        .contains("skipped=%d events=3 dead_letters=1".formatted(SKIPPED))
        .contains("A heap of 2000 MiB would have been enough");
  }

  private void archive(String heap) throws Exception {
    SparkRun run = new SparkRun("archive");
    int status = run.run(heap);
    assertThat(status).as(run.output()).isZero();
  }

  private String endOfArchive() throws Exception {
    SparkRun run = new SparkRun("archive");
    assertThat(run.run("768m")).as(run.output()).isEqualTo(ExitStatus.RESOURCE_EXHAUSTED.code());
    return run.output();
  }

  /**
   * @param deadLetterCodes the possible codes of the dead letter of the record that is not an
   *     event: another dead letter of the same record is a repeat
   */
  private void assertThatNothingIsLost(Rejection.Code... deadLetterCodes) throws Exception {
    assertThat(environment.batch("fold")).isEqualTo(ExitStatus.SUCCESS);
    assertThat(environment.newestReport().at("/fold/rejected").asInt()).isZero();
    assertThat(environment.batch("reconcile")).isEqualTo(ExitStatus.SUCCESS);
    assertThatReconcileIsClean();
    environment.assertThatViewEqualsFoldOfLog();
    assertThatUsersAreShown(deadLetterCodes);
  }

  private void assertThatReconcileIsClean() throws Exception {
    assertThat(environment.newestReport().at("/reconcile/outcome").asText()).isEqualTo("CLEAN");
  }

  private void assertThatUsersAreShown(Rejection.Code... deadLetterCodes) {
    List<UUID> expected = new ArrayList<>(List.of(EVENT_OF_POISON));
    for (int number = 0; number <= 5; number++) {
      expected.add(user(number));
    }
    try (CqlSession session = pipeline.view().session(TestView.READER)) {
      assertThat(pipeline.view().rows(session)).containsOnlyKeys(expected);
      assertThat(pipeline.view().rows(session).get(EVENT_OF_POISON).hasValue(UserField.FIRST_NAME))
          .isTrue();
    }
    assertThat(pipeline.deadLetters())
        .extracting(DeadLetter::rejection)
        .extracting(Rejection::code)
        .singleElement()
        .isIn((Object[]) deadLetterCodes);
  }

  /** A batch command as a process. */
  private final class SparkRun {

    private final String command;
    private final Path log;

    private SparkRun(String command) throws Exception {
      this.command = command;
      this.log = Files.createTempFile(folder, command, ".log");
    }

    private int run(String heap) throws Exception {
      Process process =
          SparkProcess.of(BatchLayer.class, "batch-layer")
              .heap(heap)
              .start(log, List.of(command, "--settings", environment.settings().toString()));
      try {
        assertThat(process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
      } finally {
        process.destroyForcibly();
      }
    }

    private String output() throws Exception {
      return Files.readString(log);
    }
  }
}
