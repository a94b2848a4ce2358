package io.foldlog.testing.faults;

import static io.foldlog.contract.TestEvents.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.foldlog.admin.verify.Difference;
import io.foldlog.admin.verify.VerificationResult;
import io.foldlog.admin.verify.Verifier;
import io.foldlog.batch.BatchLayerInProcess;
import io.foldlog.batch.lake.Lake;
import io.foldlog.contract.EventEncoder;
import io.foldlog.contract.Rejection;
import io.foldlog.contract.TestEvents;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserField;
import io.foldlog.contract.UserState;
import io.foldlog.lake.EventColumns;
import io.foldlog.local.servers.KafkaNode;
import io.foldlog.log.EventTopic;
import io.foldlog.log.LogOffsets;
import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationResult;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.speed.SpeedLayerProcess;
import io.foldlog.speed.TestPipeline;
import io.foldlog.testing.kit.SharedServers;
import io.foldlog.testing.scenarios.Proof;
import io.foldlog.testing.scenarios.TestEnvironment;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Changes and losses of a log. Each layer either handles the case or ends with a message. After the
 * runbook's steps, lake and view are as the runbook describes.
 */
@Tag("fault")
class LogTroubleIT {

  private static final Proof PROOF = Proof.section("40-log", "Log trouble");
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  @TempDir private Path folder;
  private TestEnvironment environment;
  private TestPipeline pipeline;

  /** The users that the view must show at the end of a test. */
  private final Map<UUID, UserState> expected = new HashMap<>();

  private void use(TestEnvironment environment) {
    this.environment = environment;
    this.pipeline = environment.pipeline();
  }

  @Test
  void shouldContinueWithRecreatedTopicAfterOperatorAcceptsIt() throws Exception {
    use(TestEnvironment.in(folder, "trouble_recreated"));
    try (SpeedLayerProcess layer = environment.startSpeedLayerProcess()) {
      recordExpected(registered(0, 10));
      environment.awaitDrainedBy(layer);
      assertThat(environment.batch("nightly")).isEqualTo(ExitStatus.SUCCESS);
      recordExpected(registered(50), updated(1, "lost"), deleted(2));
      environment.awaitDrainedBy(layer);
      try (Admin admin = pipeline.clients().admin()) {
        admin.deleteTopics(List.of(pipeline.topic())).all().get();
      }
      assertThat(awaitFailure(layer, ExitStatus.STATE_MISMATCH))
          .contains("The log cannot be read any more", "rm -r '" + pipeline.checkpoint());
    }
    assertThat(expectFailure(ExitStatus.USAGE_ERROR, environment, "nightly"))
        .contains("has no topic");
    await().atMost(TIMEOUT).ignoreExceptions().untilAsserted(pipeline::provisionTopics);
    // more records than the checkpoint and the archive have read
    recordExpected(registered(60, 100));
    try (SpeedLayerProcess layer = SpeedLayerProcess.start(environment.settings())) {
      assertThat(expectFailure(ExitStatus.STATE_MISMATCH, environment, "reconcile"))
          .contains("was deleted and created again", "archive --accept-new-topic");
      assertThat(expectFailure(ExitStatus.STATE_MISMATCH, environment, "nightly"))
          .contains("was deleted and created again", "archive --accept-new-topic");
      assertThat(awaitFailure(layer, ExitStatus.STATE_MISMATCH))
          .contains("was deleted and created again", "rm -r '" + pipeline.checkpoint());
    }

    assertThat(environment.batch("nightly", "--accept-new-topic", "--scope", "full"))
        .isEqualTo(ExitStatus.SUCCESS);
    assertThatReconcileReported(40, 3);
    assertThat(pipeline.differencesFrom(expected)).isEmpty();
    removeCheckpoint();
    try (SpeedLayerProcess layer = environment.startSpeedLayerProcess()) {
      recordExpected(updated(3, "new"), registered(100));
      environment.awaitDrainedBy(layer);
      assertThat(environment.batch("nightly", "--scope", "full")).isEqualTo(ExitStatus.SUCCESS);
    }
    assertThatReconcileReported(0, 3);
    assertThat(pipeline.differencesFrom(expected)).isEmpty();
    assertThatTheVerifierNames(0, 1, 3, 4, 5, 6, 7, 8, 9, 50);
    PROOF.addLine(
        "Topic deleted while the layers ran, with 3 unarchived events, and created again with more records than before: speed layer and batch layer exited with STATE_MISMATCH (USAGE_ERROR while there was no topic). Nightly with --accept-new-topic, then the checkpoint removed: the view equals all events ever written; 40 events repaired, 3 users excluded by the gap, the same in the next nightly and nothing else; the verifier names the 10 users of the old topic (5).");
  }

  @Test
  void shouldContinueWithoutRecordsThatRetentionDeleted() throws Exception {
    use(TestEnvironment.in(folder, "trouble_retention"));
    try (SpeedLayerProcess layer = environment.startSpeedLayerProcess()) {
      recordExpected(registered(0, 10));
      environment.awaitDrainedBy(layer);
      assertThat(environment.batch("archive")).isEqualTo(ExitStatus.SUCCESS);
      recordExpected(registered(50), updated(1, "lost"), deleted(2));
      // not attributed to the gap, because its time is before the gap's times
      environment.record(late(52));
      environment.awaitDrainedBy(layer);
      assertThat(layer.terminate()).isEqualTo(ExitStatus.TERMINATED.code());
    }
    environment.record(registered(51)); // no layer has read it
    deleteRecords();
    recordExpected(registered(60, 80));
    try (SpeedLayerProcess layer = SpeedLayerProcess.start(environment.settings())) {
      assertThat(expectFailure(ExitStatus.STATE_MISMATCH, environment, "nightly"))
          .contains("no longer holds the records", "archive --accept-gap");
      assertThat(awaitFailure(layer, ExitStatus.STATE_MISMATCH))
          .contains("The log has lost records", "are deleted", "rm -r '" + pipeline.checkpoint());
    }

    assertThat(environment.batch("nightly", "--accept-gap", "--scope", "full"))
        .isEqualTo(ExitStatus.SUCCESS);
    assertThatReconcileReported(21, 3);
    assertThat(pipeline.differencesFrom(expected)).isEmpty();
    removeCheckpoint();
    try (SpeedLayerProcess layer = environment.startSpeedLayerProcess()) {
      recordExpected(updated(3, "new"), registered(80));
      environment.awaitDrainedBy(layer);
      assertThat(environment.batch("nightly", "--scope", "full")).isEqualTo(ExitStatus.SUCCESS);
    }
    assertThatReconcileReported(0, 3);
    assertThat(pipeline.differencesFrom(expected)).isEmpty();
    assertThat(expectFailure(ExitStatus.STATE_MISMATCH, environment, new Verifier()))
        .contains("begins at the offsets", "reconcile --scope full --dry-run");
    PROOF.addLine(
        "Retention deleted unarchived records: both layers exited with STATE_MISMATCH. --accept-gap, then the checkpoint removed: 20 events repaired, 3 users excluded by the gap, one late lost event removed, the next nightly the same and nothing else; the verifier reports that it cannot compare (STATE_MISMATCH).");
  }

  @Test
  void shouldContinueAfterBrokerLostEndOfLog() throws Exception {
    try (KafkaNode kafka = KafkaNode.in(folder.resolve("kafka"))) {
      kafka.start();
      use(
          TestEnvironment.on(
              kafka,
              SharedServers.cassandra(),
              folder,
              "trouble_truncated",
              "speed-layer.outage-timeout = 100 seconds"));
      addThirdPartition();
      try (SpeedLayerProcess layer = environment.startSpeedLayerProcess(3)) {
        recordExpectedIn(0, registered(0, 3));
        recordExpectedIn(1, registered(10, 13));
        recordExpectedIn(2, registered(20, 23));
        environment.awaitDrainedBy(layer);
        Map<Path, Long> segmentSizes = segmentSizes(kafka);
        recordExpectedIn(0, registered(3, 6));
        recordExpectedIn(1, registered(13, 16));
        environment.awaitDrainedBy(layer);
        assertThat(environment.batch("nightly")).isEqualTo(ExitStatus.SUCCESS);
        recordExpectedIn(2, registered(23), registered(24), updated(20, "lost")); // never archived
        environment.awaitDrainedBy(layer);
        layer.freeze();
        restartWithTruncatedFiles(kafka, segmentSizes);
        for (int partition = 0; partition < 3; partition++) {
          // the second restart loses them too; they do not change the view if the layer reads them
          recordIn(partition, late(0), late(0), late(0), late(0), late(0));
        }
        layer.resume();
        assertThat(awaitFailure(layer, ExitStatus.STATE_MISMATCH))
            .contains("were read and are gone")
            .contains("rm -r '" + pipeline.checkpoint());
        restartWithTruncatedFiles(kafka, segmentSizes);
      }
      // partition 0 ends before the archive, 1 after the archive, 2 after the records in the view
      recordExpectedIn(1, registered(30, 35));
      recordExpectedIn(2, registered(40, 45));
      try (SpeedLayerProcess layer = SpeedLayerProcess.start(environment.settings(), 3)) {
        assertThat(expectFailure(ExitStatus.STATE_MISMATCH, environment, "reconcile"))
            .contains("which were folded", "its message says how to continue");
        assertThat(expectFailure(ExitStatus.STATE_MISMATCH, environment, "nightly"))
            .contains("the brokers lost its end", "archive --accept-gap");
        assertThat(awaitFailure(layer, ExitStatus.STATE_MISMATCH))
            .contains("were read and are gone", "rm -r '" + pipeline.checkpoint());
      }

      assertThat(environment.batch("nightly", "--accept-gap", "--scope", "full"))
          .isEqualTo(ExitStatus.SUCCESS);
      assertThatReconcileReported(10, 3);
      assertThatArchiveHoldsTopicUnderNewLogId();
      recordExpectedIn(0, registered(50), registered(51));
      recordExpectedIn(0, late(52), registered(53), registered(54));
      try (SpeedLayerProcess layer = SpeedLayerProcess.start(environment.settings(), 3)) {
        assertThat(awaitFailure(layer, ExitStatus.STATE_MISMATCH))
            .contains("were read and are gone")
            .contains("rm -r '" + pipeline.checkpoint());
      }
      removeCheckpoint();
      try (SpeedLayerProcess layer = environment.startSpeedLayerProcess(3)) {
        recordExpected(updated(50, "new"), registered(60));
        environment.awaitDrainedBy(layer);
        assertThat(pipeline.differencesFrom(expected)).isEmpty();
        assertThat(environment.batch("nightly", "--scope", "full")).isEqualTo(ExitStatus.SUCCESS);
      }
      assertThatReconcileReported(0, 3);
      assertThat(pipeline.differencesFrom(expected)).isEmpty();
      assertThatTheVerifierNames(3, 4, 5, 13, 14, 15, 20, 23, 24);
      PROOF.addLine(
          "The broker's files truncated under both layers, twice, and new records written: the speed layer, frozen meanwhile, found by the leader epoch that records which it had read are gone, and so at its next starts (STATE_MISMATCH); the batch layer found the log shorter than the archive (STATE_MISMATCH). --accept-gap while it was shorter, then the checkpoint removed: the view equals all events ever written, 3 users excluded by the gap, the next nightly the same and nothing else; the verifier names the 9 users of lost records (5).");
    }
  }

  @Test
  void shouldContinueAfterTheLastRecordsOfAnIdleTopicExpired() throws Exception {
    use(TestEnvironment.in(folder, "trouble_idle"));
    try (SpeedLayerProcess layer = environment.startSpeedLayerProcess();
        Producer<byte[], byte[]> transactional = pipeline.transactionalProducer("idle")) {
      recordExpected(registered(0, 5));
      // the log ends with an aborted record and its marker
      transactional.beginTransaction();
      transactional.send(pipeline.record(registered(10)));
      transactional.flush();
      transactional.abortTransaction();
      environment.awaitDrainedBy(layer);
      assertThat(environment.batch("nightly")).isEqualTo(ExitStatus.SUCCESS);
      deleteRecords();
      assertThat(layer.stop()).as(layer::output).isEqualTo(ExitStatus.TERMINATED);
    }
    try (SpeedLayerProcess layer = environment.startSpeedLayerProcess()) {
      environment.awaitDrainedBy(layer);
      assertThat(environment.batch("nightly")).isEqualTo(ExitStatus.SUCCESS);
      recordExpected(registered(20, 23));
      environment.awaitDrainedBy(layer);
      assertThat(layer.stop()).as(layer::output).isEqualTo(ExitStatus.TERMINATED);
    }
    assertThat(environment.batch("nightly", "--scope", "full")).isEqualTo(ExitStatus.SUCCESS);
    assertThatReconcileReported(0, 0);
    assertThat(pipeline.differencesFrom(expected)).isEmpty();
    PROOF.addLine(
        "All records of an idle topic expired, a trailing transaction marker too: both layers started again without a loss, and read on");
  }

  @Test
  void shouldContinueAfterTopicAndCheckpointChanges() throws Exception {
    use(TestEnvironment.in(folder, "trouble_changed"));
    try (SpeedLayerProcess layer = environment.startSpeedLayerProcess(3)) {
      recordExpected(registered(0, 10));
      environment.awaitDrainedBy(layer);
      addThirdPartition();
      assertThat(awaitFailure(layer, ExitStatus.UNAVAILABLE))
          .contains("has 3 partitions now and had 2 at the start");
    }
    recordExpected(updated(0, 10, "moved"));
    assertThat(pipeline.endOffsets().offset(2)).isPositive();
    try (SpeedLayerProcess layer = environment.startSpeedLayerProcess(3)) {
      environment.awaitDrainedBy(layer);
      environment.assertThatViewEqualsFoldOfLog();
      removeCheckpoint();
      assertThat(awaitFailure(layer, ExitStatus.STATE_MISMATCH))
          .contains("was removed while the speed layer ran", "rm -r '" + pipeline.checkpoint());
    }
    removeCheckpoint();
    PROOF.addLine(
        "Partition added: the continuous layer exited with UNAVAILABLE and continued after a restart, keys moved, verifier: equal. Checkpoint removed while it ran: STATE_MISMATCH; after the rest of the checkpoint was removed, it read the log again.");

    setTopicConfig(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT);
    try (SpeedLayerProcess layer = SpeedLayerProcess.start(environment.settings(), 3)) {
      assertThat(expectFailure(ExitStatus.USAGE_ERROR, environment, "nightly"))
          .contains("is compacted", "--add-config cleanup.policy=delete");
      assertThat(expectFailure(ExitStatus.USAGE_ERROR, environment, new Verifier()))
          .contains("is compacted");
      assertThat(awaitFailure(layer, ExitStatus.USAGE_ERROR))
          .contains("is compacted", "--add-config cleanup.policy=delete");
    }
    setTopicConfig(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE);
    PROOF.addLine(
        "cleanup.policy=compact: both layers and the verifier exited with USAGE_ERROR; after the policy was restored, all continued.");

    UserEvent[] untrusted = registered(30, 34);
    TestEnvironment microBatch = environment.with("speed-layer.trigger = micro-batch");
    try (SpeedLayerProcess layer = microBatch.startSpeedLayerProcess()) {
      recordExpected(registered(20));
      microBatch.awaitDrainedBy(layer);
      setTopicConfig(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "CreateTime");
      environment.record(untrusted);
      microBatch.awaitDrainedBy(layer);
      assertThat(pipeline.deadLetters())
          .extracting(deadLetter -> deadLetter.rejection().code())
          .containsOnly(Rejection.Code.CLOCK_UNTRUSTED)
          .hasSize(4);
      assertThat(environment.batch("nightly")).isEqualTo(ExitStatus.SUCCESS);
      assertThatReconcileReported(0, 0);
      environment.assertThatViewEqualsFoldOfLog();
      setTopicConfig(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime");
      recordExpected(registered(40));
      microBatch.awaitDrainedBy(layer);
      environment.assertThatViewEqualsFoldOfLog();
      assertThat(layer.terminate()).isEqualTo(ExitStatus.TERMINATED.code());
    }
    TestEnvironment trustsCreateTime = microBatch.with("kafka.trust-create-time = true");
    assertThat(trustsCreateTime.batch("nightly")).isEqualTo(ExitStatus.SUCCESS);
    assertThatReconcileReported(4, 0);
    expect(untrusted);
    trustsCreateTime.assertThatViewEqualsFoldOfLog();
    PROOF.addLine(
        "CreateTime: both layers rejected 4 records, verifier: equal; after LogAppendTime was restored, new records were read. kafka.trust-create-time: the nightly folded the archive again and repaired the 4, verifier: equal.");

    TestEnvironment otherTopic =
        microBatch.with(
            "kafka { topic = \"%s\", dead-letter-topic = \"%s\" }"
                .formatted(pipeline.deadLetterTopic(), pipeline.topic()));
    try (SpeedLayerProcess continuous = SpeedLayerProcess.start(environment.settings(), 3);
        SpeedLayerProcess other = SpeedLayerProcess.start(otherTopic.settings())) {
      assertThat(trustsCreateTime.batch("nightly", "--scope", "full"))
          .isEqualTo(ExitStatus.SUCCESS);
      assertThatReconcileReported(0, 0);
      assertThat(awaitFailure(continuous, ExitStatus.STATE_MISMATCH))
          .contains("belongs to the trigger micro-batch", "rm -r '" + pipeline.checkpoint());
      assertThat(awaitFailure(other, ExitStatus.STATE_MISMATCH))
          .contains("belongs to the topic trouble_changed", "rm -r '" + pipeline.checkpoint());
    }
    PROOF.addLine(
        "Checkpoint of the other trigger, of another topic: STATE_MISMATCH; another nightly found no drift.");

    // the transaction marker takes an offset without a record
    UserEvent committed = registered(50);
    recordInATransaction(committed);
    expect(committed);
    assertThat(trustsCreateTime.batch("nightly", "--scope", "full")).isEqualTo(ExitStatus.SUCCESS);
    assertThatReconcileReported(1, 0);
    trustsCreateTime.assertThatViewEqualsFoldOfLog();
    PROOF.addLine(
        "A committed transaction, whose marker takes an offset without a record: the nightly archived it and repaired 1 event, verifier: equal.");
  }

  /** Checks the report of the last reconcile: repaired users, and users excluded by a gap. */
  private void assertThatReconcileReported(int repaired, int excludedByGap) throws IOException {
    JsonNode report = environment.newestReport().path("reconcile");
    assertThat(List.of(report.path("repaired").asInt(), report.path("left_to_gap").asInt()))
        .as(report.toPrettyString())
        .containsExactly(repaired, excludedByGap);
  }

  /** What the topic holds is archived, also what took the places of archived records. */
  private void assertThatArchiveHoldsTopicUnderNewLogId() {
    LogOffsets end = pipeline.endOffsets();
    Lake lake = new Lake(BatchLayerInProcess.spark(), environment.lake().toString());
    assertThat(
            lake.events()
                .read()
                .where(functions.col(EventColumns.TOPIC_ID).equalTo(end.topicId() + "#1"))
                .count())
        .isEqualTo(end.sum());
  }

  /** The verifier reads only the log. It must report exactly these users. */
  private void assertThatTheVerifierNames(Integer... numbers) throws Exception {
    VerificationResult result = environment.verify();
    assertThat(result.differences().stream().map(Difference::userId).collect(Collectors.toSet()))
        .as(result.text())
        .containsExactlyInAnyOrderElementsOf(Stream.of(numbers).map(TestEvents::user).toList());
  }

  /** Runs a batch step that must fail with the status. Returns its one-line message. */
  private static String expectFailure(
      ExitStatus status, TestEnvironment environment, String... step) {
    return expectFailure(status, environment, BatchLayerInProcess.batchLayer(), step);
  }

  private static String expectFailure(
      ExitStatus status,
      TestEnvironment environment,
      ApplicationCommand command,
      String... arguments) {
    ApplicationResult result = environment.execute(command, arguments);
    assertThat(result.status()).as(result.message()).isEqualTo(status);
    assertThat(result.message()).isNotBlank().doesNotContain("\n");
    System.out.println(result.message());
    return result.message();
  }

  /**
   * Waits until the speed layer ends with the status, without a stack trace. Returns its message.
   */
  private static String awaitFailure(SpeedLayerProcess layer, ExitStatus status)
      throws IOException {
    assertThat(layer.status()).as(layer::output).isEqualTo(status.code());
    assertThat(layer.output()).doesNotContain("event=internal_error");
    String message = layer.result().path("message").asText();
    System.out.println(message);
    return message;
  }

  private void removeCheckpoint() throws IOException {
    if (!Files.exists(pipeline.checkpoint())) {
      return;
    }
    try (Stream<Path> files = Files.walk(pipeline.checkpoint())) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** Deletes all records up to the end of the log, as retention does. */
  private void deleteRecords() throws Exception {
    LogOffsets end = pipeline.endOffsets();
    Map<TopicPartition, RecordsToDelete> all = new HashMap<>();
    end.byPartition()
        .forEach(
            (partition, offset) ->
                all.put(
                    new TopicPartition(pipeline.topic(), partition),
                    RecordsToDelete.beforeOffset(offset)));
    try (Admin admin = pipeline.clients().admin();
        EventTopic log = pipeline.log()) {
      admin.deleteRecords(all).all().get();
      await().atMost(TIMEOUT).until(() -> log.beginningOffsets().equals(end));
    }
  }

  private void addThirdPartition() throws Exception {
    try (Admin admin = pipeline.clients().admin()) {
      admin.createPartitions(Map.of(pipeline.topic(), NewPartitions.increaseTo(3))).all().get();
      await().atMost(TIMEOUT).until(() -> pipeline.endOffsets().byPartition().size() == 3);
    }
  }

  private void setTopicConfig(String setting, String value) throws Exception {
    ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, pipeline.topic());
    try (Admin admin = pipeline.clients().admin()) {
      admin
          .incrementalAlterConfigs(
              Map.of(
                  topic,
                  List.of(
                      new AlterConfigOp(
                          new ConfigEntry(setting, value), AlterConfigOp.OpType.SET))))
          .all()
          .get();
      await()
          .atMost(TIMEOUT)
          .until(
              () ->
                  admin
                      .describeConfigs(List.of(topic))
                      .all()
                      .get()
                      .get(topic)
                      .get(setting)
                      .value()
                      .equals(value));
    }
  }

  /** The sizes of the broker's segment files of the topic, in bytes. */
  private Map<Path, Long> segmentSizes(KafkaNode kafka) throws IOException {
    Map<Path, Long> segmentSizes = new HashMap<>();
    try (Stream<Path> files = Files.walk(kafka.specification().folder().resolve("data"))) {
      for (Path file :
          files
              .filter(file -> file.toString().endsWith(".log"))
              .filter(
                  file ->
                      file.getParent().getFileName().toString().startsWith(pipeline.topic() + "-"))
              .toList()) {
        segmentSizes.put(file, Files.size(file));
      }
    }
    return segmentSizes;
  }

  /** Kills the broker, truncates its segment files and starts it, like a crash with lost writes. */
  private static void restartWithTruncatedFiles(KafkaNode kafka, Map<Path, Long> segmentSizes)
      throws IOException {
    kafka.kill();
    for (Map.Entry<Path, Long> size : segmentSizes.entrySet()) {
      try (FileChannel channel = FileChannel.open(size.getKey(), StandardOpenOption.WRITE)) {
        channel.truncate(size.getValue());
      }
    }
    kafka.start();
  }

  private void recordInATransaction(UserEvent event) {
    Map<String, Object> properties =
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            pipeline.clients().bootstrapServers(),
            ProducerConfig.TRANSACTIONAL_ID_CONFIG,
            pipeline.topic());
    try (Producer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      long before = pipeline.endOffsets().sum();
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(pipeline.record(event));
      producer.commitTransaction();
      // the broker writes the transaction marker after its response
      await().atMost(TIMEOUT).until(() -> pipeline.endOffsets().sum() == before + 2);
    }
  }

  /** Records events and adds them to the expected state of the view. */
  private void recordExpected(UserEvent... events) {
    environment.record(events);
    expect(events);
  }

  private void recordExpectedIn(int partition, UserEvent... events) {
    recordIn(partition, events);
    expect(events);
  }

  private void recordIn(int partition, UserEvent... events) {
    try (Producer<byte[], byte[]> producer = pipeline.producer()) {
      for (UserEvent event : events) {
        producer.send(
            new ProducerRecord<>(
                pipeline.topic(), partition, EventEncoder.key(event), EventEncoder.value(event)));
      }
    }
  }

  private void expect(UserEvent... events) {
    for (UserEvent event : events) {
      expected.computeIfAbsent(event.userId(), id -> new UserState()).apply(event);
    }
  }

  private static UserEvent[] registered(int first, int last) {
    return IntStream.range(first, last)
        .mapToObj(number -> registered(number))
        .toArray(UserEvent[]::new);
  }

  private static UserEvent registered(int number) {
    return TestEvents.registered(user(number), TestEvents.now())
        .set(UserField.FIRST_NAME, "name " + number)
        .set(UserField.CITY, "Bern")
        .build();
  }

  private static UserEvent[] updated(int first, int last, String city) {
    return IntStream.range(first, last)
        .mapToObj(number -> updated(number, city))
        .toArray(UserEvent[]::new);
  }

  private static UserEvent updated(int number, String city) {
    return TestEvents.updated(user(number), TestEvents.now()).set(UserField.CITY, city).build();
  }

  private static UserEvent deleted(int number) {
    return TestEvents.deleted(user(number), TestEvents.now());
  }

  /** An event with a time one hour ago. */
  private static UserEvent late(int number) {
    return TestEvents.registered(user(number), TestEvents.now() - 3_600_000_000L)
        .set(UserField.CITY, "Bern")
        .build();
  }
}
