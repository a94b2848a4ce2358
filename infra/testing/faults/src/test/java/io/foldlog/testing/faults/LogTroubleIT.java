package io.foldlog.testing.faults;

import static io.foldlog.contract.TestEvents.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.foldlog.admin.verify.Difference;
import io.foldlog.admin.verify.VerificationResult;
import io.foldlog.admin.verify.Verifier;
import io.foldlog.batch.BatchLayerInProcess;
import io.foldlog.contract.EventEncoder;
import io.foldlog.contract.Rejection;
import io.foldlog.contract.TestEvents;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserField;
import io.foldlog.contract.UserState;
import io.foldlog.local.servers.KafkaNode;
import io.foldlog.log.EventTopic;
import io.foldlog.log.LogOffsets;
import io.foldlog.log.TestTopic;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What may befall a log. Each layer refuses it in a sentence or handles it, and after the runbook's
 * way on was gone, lake and view are what it says.
 */
@Tag("fault")
class LogTroubleIT {

  private static final Proof PROOF = Proof.section("40-log", "Log trouble");
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir private Path folder;
  private TestEnvironment environment;
  private TestPipeline pipeline;

  /** What the view has to show, in the end. */
  private final Map<UUID, UserState> expected = new HashMap<>();

  private void on(TestEnvironment environment) {
    this.environment = environment;
    this.pipeline = environment.pipeline();
  }

  @Test
  void shouldGoOnWithATopicThatWasCreatedAgain() throws Exception {
    on(TestEnvironment.in(folder, "trouble_recreated"));
    try (SpeedLayerProcess layer = environment.startSpeedLayerProcess()) {
      happen(registered(0, 10));
      environment.awaitDrainedBy(layer);
      assertThat(environment.batch("nightly")).isEqualTo(ExitStatus.SUCCESS);
      happen(registered(50), updated(1, "lost"), deleted(2));
      environment.awaitDrainedBy(layer);
      try (Admin admin = pipeline.connection().admin()) {
        admin.deleteTopics(List.of(pipeline.topic())).all().get();
      }
      assertThat(lastWords(layer, ExitStatus.STATE_MISMATCH))
          .contains("The log cannot be read any more", "rm -r '" + pipeline.checkpoint());
    }
    assertThat(refusal(ExitStatus.USAGE_ERROR, environment, "nightly")).contains("has no topic");
    await().atMost(LIMIT).ignoreExceptions().untilAsserted(pipeline::provisionTopics);
    happen(registered(60, 100)); // more than the checkpoint and the archive have seen
    try (SpeedLayerProcess layer = SpeedLayerProcess.start(environment.settings())) {
      assertThat(refusal(ExitStatus.STATE_MISMATCH, environment, "reconcile"))
          .contains("was deleted and created again", "archive --accept-new-topic");
      assertThat(refusal(ExitStatus.STATE_MISMATCH, environment, "nightly"))
          .contains("was deleted and created again", "archive --accept-new-topic");
      assertThat(lastWords(layer, ExitStatus.STATE_MISMATCH))
          .contains("was deleted and created again", "rm -r '" + pipeline.checkpoint());
    }

    assertThat(environment.batch("nightly", "--accept-new-topic", "--scope", "full"))
        .isEqualTo(ExitStatus.SUCCESS);
    assertThatItReported(40, 3);
    assertThat(pipeline.differencesFrom(expected)).isEmpty();
    removeCheckpoint();
    try (SpeedLayerProcess layer = environment.startSpeedLayerProcess()) {
      happen(updated(3, "new"), registered(100));
      environment.awaitDrainedBy(layer);
      assertThat(environment.batch("nightly", "--scope", "full")).isEqualTo(ExitStatus.SUCCESS);
    }
    assertThatItReported(0, 3);
    assertThat(pipeline.differencesFrom(expected)).isEmpty();
    assertThatTheVerifierNames(0, 1, 3, 4, 5, 6, 7, 8, 9, 50);
    PROOF.say(
        "Topic deleted while the layers run, with 3 events that no archive had seen, and created again with more records than before: speed layer and batch layer ended with 3 (2 while there was none). Nightly first with --accept-new-topic, then the checkpoint removed: view = what was ever written; 40 events repaired, 3 users left to the gap, the same in the next nightly and nothing else; the verifier names the 10 users of the old topic (5).");
  }

  @Test
  void shouldGoOnWithoutRecordsThatRetentionHasEaten() throws Exception {
    on(TestEnvironment.in(folder, "trouble_eaten"));
    try (SpeedLayerProcess layer = environment.startSpeedLayerProcess()) {
      happen(registered(0, 10));
      environment.awaitDrainedBy(layer);
      assertThat(environment.batch("archive")).isEqualTo(ExitStatus.SUCCESS);
      happen(registered(50), updated(1, "lost"), deleted(2));
      environment.record(late(52)); // taken for somebody else's, as its time is before the gap's
      environment.awaitDrainedBy(layer);
      assertThat(layer.terminate()).isEqualTo(ExitStatus.TERMINATED.code());
    }
    environment.record(registered(51)); // nobody has read it
    deleteRecords();
    happen(registered(60, 80));
    try (SpeedLayerProcess layer = SpeedLayerProcess.start(environment.settings())) {
      assertThat(refusal(ExitStatus.STATE_MISMATCH, environment, "nightly"))
          .contains("no longer holds the records", "archive --accept-gap");
      assertThat(lastWords(layer, ExitStatus.STATE_MISMATCH))
          .contains("The log has lost records", "are deleted", "rm -r '" + pipeline.checkpoint());
    }

    assertThat(environment.batch("nightly", "--accept-gap", "--scope", "full"))
        .isEqualTo(ExitStatus.SUCCESS);
    assertThatItReported(21, 3);
    assertThat(pipeline.differencesFrom(expected)).isEmpty();
    removeCheckpoint();
    try (SpeedLayerProcess layer = environment.startSpeedLayerProcess()) {
      happen(updated(3, "new"), registered(80));
      environment.awaitDrainedBy(layer);
      assertThat(environment.batch("nightly", "--scope", "full")).isEqualTo(ExitStatus.SUCCESS);
    }
    assertThatItReported(0, 3);
    assertThat(pipeline.differencesFrom(expected)).isEmpty();
    assertThat(refusal(ExitStatus.STATE_MISMATCH, environment, new Verifier()))
        .contains("begins at the offsets", "reconcile --scope full --dry-run");
    PROOF.say(
        "Retention past records that the archive had not seen, and one that nobody had: both layers ended with 3. --accept-gap, then the checkpoint removed: 20 events repaired, 3 users left to the gap, one late lost event removed, the next nightly the same and nothing else; the verifier says that it cannot judge (3).");
  }

  @Test
  void shouldGoOnAfterTheBrokerHasLostTheEndOfTheLog() throws Exception {
    try (KafkaNode kafka = KafkaNode.in(folder.resolve("kafka"))) {
      kafka.start();
      on(
          TestEnvironment.on(
              kafka,
              SharedServers.cassandra(),
              folder,
              "trouble_cut",
              "speed-layer.outage-timeout = 100 seconds"));
      addPartition();
      try (SpeedLayerProcess layer = environment.startSpeedLayerProcess(3)) {
        happenIn(0, registered(0, 3));
        happenIn(1, registered(10, 13));
        happenIn(2, registered(20, 23));
        environment.awaitDrainedBy(layer);
        Map<Path, Long> sizes = sizes(kafka);
        happenIn(0, registered(3, 6));
        happenIn(1, registered(13, 16));
        environment.awaitDrainedBy(layer);
        assertThat(environment.batch("nightly")).isEqualTo(ExitStatus.SUCCESS);
        happenIn(2, registered(23), registered(24), updated(20, "lost")); // seen by no archive
        environment.awaitDrainedBy(layer);
        layer.freeze();
        restartCutBack(kafka, sizes);
        for (int partition = 0; partition < 3; partition++) {
          // to be lost in their turn, and no change to the view if the layer reads them first
          recordIn(partition, late(0), late(0), late(0), late(0), late(0));
        }
        layer.thaw();
        assertThat(lastWords(layer, ExitStatus.STATE_MISMATCH))
            .contains("is not the one that was read there")
            .contains("rm -r '" + pipeline.checkpoint());
        restartCutBack(kafka, sizes);
      }
      // shorter than the archive, longer than the archive, longer than what the view has seen
      happenIn(1, registered(30, 35));
      happenIn(2, registered(40, 45));
      try (SpeedLayerProcess layer = SpeedLayerProcess.start(environment.settings(), 3)) {
        assertThat(refusal(ExitStatus.STATE_MISMATCH, environment, "reconcile"))
            .contains("the brokers lost its end", "its message says how to continue");
        assertThat(refusal(ExitStatus.STATE_MISMATCH, environment, "nightly"))
            .contains("the brokers lost its end", "archive --accept-gap");
        assertThat(lastWords(layer, ExitStatus.STATE_MISMATCH))
            .contains("were read and are gone", "rm -r '" + pipeline.checkpoint());
      }

      assertThat(environment.batch("nightly", "--accept-gap", "--scope", "full"))
          .isEqualTo(ExitStatus.SUCCESS);
      assertThatItReported(7, 3);
      happenIn(0, registered(50), registered(51));
      happenIn(0, late(52), registered(53), registered(54));
      try (SpeedLayerProcess layer = SpeedLayerProcess.start(environment.settings(), 3)) {
        assertThat(lastWords(layer, ExitStatus.STATE_MISMATCH))
            .contains("is not the one that was read there")
            .contains("rm -r '" + pipeline.checkpoint());
      }
      removeCheckpoint();
      try (SpeedLayerProcess layer = environment.startSpeedLayerProcess(3)) {
        happen(updated(50, "new"), registered(60));
        environment.awaitDrainedBy(layer);
        assertThat(pipeline.differencesFrom(expected)).isEmpty();
        assertThat(environment.batch("nightly", "--scope", "full")).isEqualTo(ExitStatus.SUCCESS);
      }
      assertThatItReported(0, 3);
      assertThat(pipeline.differencesFrom(expected)).isEmpty();
      assertThatTheVerifierNames(3, 4, 5, 13, 14, 15, 20, 23, 24);
      PROOF.say(
          "Broker's files cut back beneath both layers, twice, and written on: the speed layer, frozen meanwhile, found another record in the place of one that it had read (3), and at its next start records gone (3); the batch layer found the log shorter than the archive (3). --accept-gap while it still was, then the checkpoint removed: view = what was ever written, 3 users left to the gap, the next nightly the same and nothing else; the verifier names the 9 users of lost records (5).");
    }
  }

  @Test
  void shouldOutliveAnotherPartitionAnotherClockAndTheEndOfItsCheckpoint() throws Exception {
    on(TestEnvironment.in(folder, "trouble_changed"));
    try (SpeedLayerProcess layer = environment.startSpeedLayerProcess(3)) {
      happen(registered(0, 10));
      environment.awaitDrainedBy(layer);
      addPartition();
      assertThat(lastWords(layer, ExitStatus.UNAVAILABLE))
          .contains("has 3 partitions now and had 2 at the start");
    }
    happen(updated(0, 10, "moved"));
    assertThat(pipeline.endOffsets().offset(2)).isPositive();
    try (SpeedLayerProcess layer = environment.startSpeedLayerProcess(3)) {
      environment.awaitDrainedBy(layer);
      environment.assertThatTheViewEqualsTheFoldOfTheLog();
      removeCheckpoint();
      assertThat(lastWords(layer, ExitStatus.STATE_MISMATCH))
          .contains("was removed while the speed layer ran", "rm -r '" + pipeline.checkpoint());
    }
    removeCheckpoint();
    PROOF.say(
        "Partition added: continuous ended with 6, started again it read on, keys moved, verifier: equal. Checkpoint removed beneath it: 3; what was left of it removed, the log was read anew.");

    set(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT);
    try (SpeedLayerProcess layer = SpeedLayerProcess.start(environment.settings(), 3)) {
      assertThat(refusal(ExitStatus.USAGE_ERROR, environment, "nightly"))
          .contains("is compacted", "--add-config cleanup.policy=delete");
      assertThat(refusal(ExitStatus.USAGE_ERROR, environment, new Verifier()))
          .contains("is compacted");
      assertThat(lastWords(layer, ExitStatus.USAGE_ERROR))
          .contains("is compacted", "--add-config cleanup.policy=delete");
    }
    set(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE);
    PROOF.say(
        "cleanup.policy=compact: both layers and the verifier ended with 2; set back, all went on.");

    UserEvent[] untrusted = registered(30, 34);
    TestEnvironment inBatches = environment.with("speed-layer.trigger = micro-batch");
    try (SpeedLayerProcess layer = inBatches.startSpeedLayerProcess()) {
      happen(registered(20));
      inBatches.awaitDrainedBy(layer);
      set(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "CreateTime");
      environment.record(untrusted);
      inBatches.awaitDrainedBy(layer);
      assertThat(pipeline.deadLetters())
          .extracting(letter -> letter.rejection().code())
          .containsOnly(Rejection.Code.CLOCK_UNTRUSTED)
          .hasSize(4);
      assertThat(environment.batch("nightly")).isEqualTo(ExitStatus.SUCCESS);
      assertThatItReported(0, 0);
      environment.assertThatTheViewEqualsTheFoldOfTheLog();
      set(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime");
      happen(registered(40));
      inBatches.awaitDrainedBy(layer);
      environment.assertThatTheViewEqualsTheFoldOfTheLog();
      assertThat(layer.terminate()).isEqualTo(ExitStatus.TERMINATED.code());
    }
    TestEnvironment trusting = inBatches.with("kafka.trust-create-time = true");
    assertThat(trusting.batch("nightly")).isEqualTo(ExitStatus.SUCCESS);
    assertThatItReported(4, 0);
    expect(untrusted);
    trusting.assertThatTheViewEqualsTheFoldOfTheLog();
    PROOF.say(
        "CreateTime: both layers rejected 4 records, verifier: equal; set back, new records were read. kafka.trust-create-time: the nightly folded anew and repaired the 4, verifier: equal.");

    TestEnvironment elsewhere =
        inBatches.with(
            "kafka { topic = \"%s\", dead-letter-topic = \"%s\" }"
                .formatted(pipeline.deadLetterTopic(), pipeline.topic()));
    try (SpeedLayerProcess continuous = SpeedLayerProcess.start(environment.settings(), 3);
        SpeedLayerProcess other = SpeedLayerProcess.start(elsewhere.settings())) {
      assertThat(trusting.batch("nightly", "--scope", "full")).isEqualTo(ExitStatus.SUCCESS);
      assertThatItReported(0, 0);
      assertThat(lastWords(continuous, ExitStatus.STATE_MISMATCH))
          .contains("belongs to the trigger micro-batch", "rm -r '" + pipeline.checkpoint());
      assertThat(lastWords(other, ExitStatus.STATE_MISMATCH))
          .contains("belongs to the topic trouble_changed", "rm -r '" + pipeline.checkpoint());
    }
    PROOF.say(
        "Checkpoint of the other trigger, of another topic: 3; another nightly found nothing.");

    recordInATransaction(registered(50)); // whose end is a hole, as of a compaction
    assertThat(refusal(ExitStatus.STATE_MISMATCH, trusting, "archive"))
        .contains("a transactional producer wrote to it", "archive --accept-new-topic");
    assertThat(refusal(ExitStatus.STATE_MISMATCH, trusting, new Verifier()))
        .contains("it was compacted");
    TestTopic another = TestTopic.absent("without_holes").withPartitions(1).provision();
    assertThat(
            trusting
                .with("kafka.topic = " + another.name())
                .batch("nightly", "--accept-new-topic", "--scope", "full"))
        .isEqualTo(ExitStatus.SUCCESS);
    assertThatItReported(0, 0);
    assertThat(pipeline.differencesFrom(expected)).isEmpty();
    PROOF.say(
        "A hole in the offsets, as a compaction leaves: archive and verifier ended with 3. Another topic named, --accept-new-topic: lake and view as before.");
  }

  /** The last reconcile: how many users it repaired, and how many it left to an accepted gap. */
  private void assertThatItReported(int repaired, int leftToGap) throws IOException {
    JsonNode report = environment.newestReport().path("reconcile");
    assertThat(List.of(report.path("repaired").asInt(), report.path("left_to_gap").asInt()))
        .as(report.toPrettyString())
        .containsExactly(repaired, leftToGap);
  }

  /** The verifier, which knows nothing but the log, finds those users to differ and no other. */
  private void assertThatTheVerifierNames(Integer... numbers) throws Exception {
    VerificationResult result = environment.verify();
    assertThat(result.differences().stream().map(Difference::userId).collect(Collectors.toSet()))
        .as(result.text())
        .containsExactlyInAnyOrderElementsOf(Stream.of(numbers).map(TestEvents::user).toList());
  }

  /** A command ends with that status; its one sentence. */
  private static String refusal(ExitStatus status, TestEnvironment environment, String... step) {
    return refusal(status, environment, BatchLayerInProcess.batchLayer(), step);
  }

  private static String refusal(
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

  /** The speed layer ends by itself with that status, without a stack trace; what it said last. */
  private static String lastWords(SpeedLayerProcess layer, ExitStatus status) throws IOException {
    assertThat(layer.status()).as(layer::output).isEqualTo(status.code());
    assertThat(layer.output()).doesNotContain("event=internal_error");
    String words = layer.result().path("message").asText();
    System.out.println(words);
    return words;
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

  /** What retention does, at once: nothing is left of the log up to its end. */
  private void deleteRecords() throws Exception {
    LogOffsets end = pipeline.endOffsets();
    Map<TopicPartition, RecordsToDelete> all = new HashMap<>();
    end.byPartition()
        .forEach(
            (partition, offset) ->
                all.put(
                    new TopicPartition(pipeline.topic(), partition),
                    RecordsToDelete.beforeOffset(offset)));
    try (Admin admin = pipeline.connection().admin();
        EventTopic log = pipeline.log()) {
      admin.deleteRecords(all).all().get();
      await().atMost(LIMIT).until(() -> log.beginningOffsets().equals(end));
    }
  }

  private void addPartition() throws Exception {
    try (Admin admin = pipeline.connection().admin()) {
      admin.createPartitions(Map.of(pipeline.topic(), NewPartitions.increaseTo(3))).all().get();
      await().atMost(LIMIT).until(() -> pipeline.endOffsets().byPartition().size() == 3);
    }
  }

  private void set(String setting, String value) throws Exception {
    ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, pipeline.topic());
    try (Admin admin = pipeline.connection().admin()) {
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
          .atMost(LIMIT)
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

  /** How large the broker's files of the topic's records are. */
  private Map<Path, Long> sizes(KafkaNode kafka) throws IOException {
    Map<Path, Long> sizes = new HashMap<>();
    try (Stream<Path> files = Files.walk(kafka.specification().folder().resolve("data"))) {
      for (Path file :
          files
              .filter(file -> file.toString().endsWith(".log"))
              .filter(
                  file ->
                      file.getParent().getFileName().toString().startsWith(pipeline.topic() + "-"))
              .toList()) {
        sizes.put(file, Files.size(file));
      }
    }
    return sizes;
  }

  /** What a crash does whose disk had not kept the last writes. */
  private static void restartCutBack(KafkaNode kafka, Map<Path, Long> sizes) throws IOException {
    kafka.kill();
    for (Map.Entry<Path, Long> size : sizes.entrySet()) {
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
            pipeline.connection().bootstrapServers(),
            ProducerConfig.TRANSACTIONAL_ID_CONFIG,
            pipeline.topic());
    try (Producer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      long before = pipeline.endOffsets().sum();
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(pipeline.record(event));
      producer.commitTransaction();
      // the broker writes the transaction's end after it has answered
      await().atMost(LIMIT).until(() -> pipeline.endOffsets().sum() == before + 2);
    }
  }

  /** Records events that the view has to show. */
  private void happen(UserEvent... events) {
    environment.record(events);
    expect(events);
  }

  /** As {@link #happen}, in a partition. */
  private void happenIn(int partition, UserEvent... events) {
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

  /** Of an hour ago. */
  private static UserEvent late(int number) {
    return TestEvents.registered(user(number), TestEvents.now() - 3_600_000_000L)
        .set(UserField.CITY, "Bern")
        .build();
  }
}
