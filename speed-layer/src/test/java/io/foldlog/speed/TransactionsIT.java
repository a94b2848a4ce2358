package io.foldlog.speed;

import static io.foldlog.contract.TestEvents.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.datastax.oss.driver.api.core.CqlSession;
import com.fasterxml.jackson.databind.JsonNode;
import io.foldlog.contract.TestEvents;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserField;
import io.foldlog.log.HeldBackRecords;
import io.foldlog.log.LogOffsets;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.view.LayerPositions;
import io.foldlog.view.LayerPositions.Published;
import io.foldlog.view.TestView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two speed layers, one for each trigger, read a log with transactions: only committed records
 * count, and offsets without a record are no lag and no error.
 */
class TransactionsIT {

  private static final Duration TIMEOUT = Duration.ofSeconds(90);

  @TempDir private Path folder;
  private TestPipeline continuous;
  private TestPipeline microBatch;

  @Test
  void shouldWriteCommittedRecordsOnlyAndContinueAtOwnPosition() throws Exception {
    continuous = TestPipeline.provisioned(folder, "transactions");
    microBatch =
        continuous.withSeparateView(Files.createDirectory(folder.resolve("b")), "transactions_b");

    try (KafkaProducer<byte[], byte[]> transactional = transactionalProducer();
        Producer<byte[], byte[]> other = continuous.producer();
        SpeedLayerInProcess first = start(continuous, "continuous");
        SpeedLayerInProcess second = start(microBatch, "micro-batch")) {
      awaitBoth(first, second, () -> first.hasStarted() && second.hasStarted());

      transaction(transactional, registered(1));
      transactional.commitTransaction();
      transaction(transactional, registered(2));
      transactional.abortTransaction();
      awaitEnd(3);
      awaitDrained(first, second);
      assertViewsShow(1);

      transaction(transactional, registered(3));
      other.send(continuous.record(registered(4))).get();
      awaitBoth(first, second, () -> knowsHeldBack(continuous) && knowsHeldBack(microBatch));
      assertThat(continuous.status().path("lag").asLong()).isZero();
      assertViewsShow(1);

      transactional.commitTransaction();
      awaitEnd(6);
      awaitDrained(first, second);
      awaitBoth(first, second, () -> heldBack(continuous) + heldBack(microBatch) == 0);
      assertViewsShow(1, 3, 4);

      assertStoppedAtEnd(continuous, first, 3);
      assertStoppedAtEnd(microBatch, second, 3);
    }

    pretendEarlierRelease(microBatch.checkpoint());
    try (SpeedLayerInProcess first = start(continuous, "continuous");
        SpeedLayerInProcess second = start(microBatch, "micro-batch")) {
      awaitDrained(first, second);
      assertStoppedAtEnd(continuous, first, 0);
      assertStoppedAtEnd(microBatch, second, 3);
    }
    assertViewsShow(1, 3, 4);

    try (SpeedLayerInProcess first = start(continuous, "continuous");
        SpeedLayerInProcess second = start(microBatch, "micro-batch")) {
      awaitDrained(first, second);
      compact();
      assertThat(first.ended()).as(first::output).isEqualTo(ExitStatus.USAGE_ERROR);
      assertThat(second.ended()).as(second::output).isEqualTo(ExitStatus.USAGE_ERROR);
      assertThat(first.output())
          .contains("is compacted", "--add-config cleanup.policy=delete")
          .doesNotContain("rm -r");
    }
  }

  private static SpeedLayerInProcess start(TestPipeline pipeline, String trigger) {
    return SpeedLayerInProcess.start(pipeline.settings("speed-layer.trigger = " + trigger));
  }

  private static UserEvent registered(int number) {
    return TestEvents.registered(user(number), TestEvents.now())
        .set(UserField.FIRST_NAME, "name " + number)
        .build();
  }

  private KafkaProducer<byte[], byte[]> transactionalProducer() {
    KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                continuous.clients().bootstrapServers(),
                ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                continuous.topic()),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    producer.initTransactions();
    return producer;
  }

  private void transaction(KafkaProducer<byte[], byte[]> producer, UserEvent event) {
    producer.beginTransaction();
    producer.send(continuous.record(event));
    producer.flush();
  }

  /** Waits for the markers, which the broker writes after its response. */
  private void awaitEnd(long minimum) {
    await().atMost(TIMEOUT).until(() -> continuous.endOffsets().sum() > minimum);
  }

  private static long heldBack(TestPipeline pipeline) throws IOException {
    return pipeline.status().path("held-back").path("records").asLong();
  }

  /** Whether the status has also the age, which the layer asks for less often. */
  private static boolean knowsHeldBack(TestPipeline pipeline) throws IOException {
    JsonNode heldBack = pipeline.status().path("held-back");
    return heldBack.path("records").asLong() == 2 && heldBack.path("oldest").isTextual();
  }

  private interface Condition {
    boolean holds() throws IOException;
  }

  private static void awaitBoth(
      SpeedLayerInProcess first, SpeedLayerInProcess second, Condition condition) {
    await()
        .atMost(TIMEOUT)
        .until(
            () -> {
              assertThat(first.isRunning()).as(first::output).isTrue();
              assertThat(second.isRunning()).as(second::output).isTrue();
              return condition.holds();
            });
  }

  private void awaitDrained(SpeedLayerInProcess first, SpeedLayerInProcess second) {
    awaitBoth(
        first,
        second,
        () ->
            first.hasStarted()
                && second.hasStarted()
                && continuous.isDrainedBy(first)
                && microBatch.isDrainedBy(second));
  }

  private void assertViewsShow(int... users) {
    List<UUID> expected = Arrays.stream(users).mapToObj(TestEvents::user).toList();
    for (TestPipeline pipeline : List.of(continuous, microBatch)) {
      assertThat(pipeline.differences()).isEmpty();
      assertThat(pipeline.fold().keySet()).containsExactlyInAnyOrderElementsOf(expected);
    }
  }

  private static void assertStoppedAtEnd(
      TestPipeline pipeline, SpeedLayerInProcess layer, int recordsRead) throws IOException {
    assertThat(layer.stop()).as(layer::output).isEqualTo(ExitStatus.TERMINATED);
    JsonNode status = pipeline.status();
    assertThat(status.path("lag").asLong()).isZero();
    SpeedLayerResult result = layer.result().result(SpeedLayerResult.class);
    assertThat(result.recordsRead()).isEqualTo(recordsRead);
    assertThat(result.lag()).isZero();
    assertThat(result.heldBack()).isEqualTo(HeldBackRecords.NONE.summary(Instant.EPOCH));
    LogOffsets end = pipeline.endOffsets();
    assertThat(result.offsets()).isEqualTo(end.byPartition());
    Collection<Published> published = published(pipeline);
    assertThat(published).extracting(Published::logId).containsOnly(end.logId().toString());
    assertThat(
            published.stream()
                .collect(Collectors.toMap(Published::partition, Published::nextOffset)))
        .isEqualTo(end.byPartition());
  }

  private static Collection<Published> published(TestPipeline pipeline) {
    try (CqlSession session = pipeline.view().session(TestView.READER)) {
      return new LayerPositions(session, pipeline.keyspace()).of(StreamingPipeline.LAYER);
    }
  }

  /** Replaces the position by files of an earlier release, whose offsets are not used. */
  private static void pretendEarlierRelease(Path checkpoint) throws IOException {
    Files.delete(checkpoint.resolve(Checkpoint.POSITION_FILE));
    Files.writeString(
        Files.createDirectories(checkpoint.resolve("commits")).resolve("0"), "v1\n{}");
  }

  private void compact() throws Exception {
    ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, continuous.topic());
    ConfigEntry policy =
        new ConfigEntry(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT);
    try (Admin admin = continuous.clients().admin()) {
      admin
          .incrementalAlterConfigs(
              Map.of(topic, List.of(new AlterConfigOp(policy, AlterConfigOp.OpType.SET))))
          .all()
          .get();
    }
  }
}
