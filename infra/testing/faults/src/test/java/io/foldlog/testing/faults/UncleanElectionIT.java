package io.foldlog.testing.faults;

import static io.foldlog.contract.TestEvents.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.datastax.oss.driver.api.core.CqlSession;
import io.foldlog.batch.BatchLayerInProcess;
import io.foldlog.contract.TestEvents;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserField;
import io.foldlog.log.LogOffsets;
import io.foldlog.runtime.ApplicationResult;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.speed.RunningSpeedLayer;
import io.foldlog.speed.TestPipeline;
import io.foldlog.testing.kit.SharedServers;
import io.foldlog.testing.kit.ThreeBrokers;
import io.foldlog.testing.scenarios.Proof;
import io.foldlog.testing.scenarios.TestEnvironment;
import io.foldlog.view.TestView;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Unclean leader elections on three brokers: the new leader lacks records that both layers have
 * read. The log is on the brokers 1 and 2; broker 3 keeps the quorum.
 */
@Tag("fault")
class UncleanElectionIT {

  private static final Proof PROOF = Proof.section("42-election", "Unclean leader elections");
  private static final Duration TIMEOUT = Duration.ofSeconds(90);
  private static final List<Integer> REPLICAS = List.of(1, 2);

  @TempDir private Path folder;
  private ThreeBrokers brokers;
  private TestEnvironment environment;
  private TestPipeline pipeline;
  private final Set<UUID> expected = new HashSet<>();

  @BeforeEach
  void start() throws Exception {
    brokers = ThreeBrokers.in(folder.resolve("kafka")).start();
    environment =
        TestEnvironment.on(
            brokers,
            SharedServers.cassandra(),
            folder,
            "unclean_election",
            "speed-layer.outage-timeout = 100 seconds");
    pipeline = environment.pipeline();
    replicate(pipeline.topic());
    replicate(pipeline.deadLetterTopic());
  }

  @AfterEach
  void close() {
    brokers.close();
  }

  @Test
  void shouldDetectRecordsThatTookThePlacesOfLostOnes() throws Exception {
    record(0, 20);
    drain();
    brokers.broker(2).kill();
    record(20, 40);
    drain();
    assertThat(environment.batch("nightly")).isEqualTo(ExitStatus.SUCCESS);
    LogOffsets read = pipeline.endOffsets();

    elect(1, 2);
    assertThat(pipeline.endOffsets().offsetsUntil(read)).isPositive();
    assertThatBothLayersFail();

    for (int next = 40; pipeline.endOffsets().offsetsUntil(read) > 0; next += 20) {
      record(next, next + 20);
    }
    record(200, 220);
    assertThatBothLayersFail();

    assertThat(environment.batch("archive", "--accept-gap")).isEqualTo(ExitStatus.SUCCESS);
    assertThat(environment.newestReport().at("/archive/topic_id").asText()).endsWith("#1");
    removeCheckpoint();
    drain();
    assertThat(environment.batch("nightly", "--scope", "full")).isEqualTo(ExitStatus.SUCCESS);
    assertThatViewShowsAllUsers();
    PROOF.addLine(
        "A log without its end, and with new records at the same offsets: both layers exited with STATE_MISMATCH; accepted, all records of both contents are in lake and view");
  }

  @Test
  void shouldDetectALostCommitMarker() throws Exception {
    record(0, 4);
    try (Producer<byte[], byte[]> transactional = pipeline.transactionalProducer("marker")) {
      transactional.beginTransaction();
      for (int number = 10; number < 18; number++) {
        transactional.send(pipeline.record(registered(number)));
      }
      transactional.flush();
      brokers.broker(2).kill();
      transactional.commitTransaction();
      for (int number = 10; number < 18; number++) {
        expected.add(user(number));
      }
    }
    drain();
    assertThat(environment.batch("nightly")).isEqualTo(ExitStatus.SUCCESS);
    assertThatViewShowsAllUsers();

    elect(1, 2);
    assertThatBothLayersFail();
    PROOF.addLine(
        "A commit marker that the new leader lacks: both layers exited with STATE_MISMATCH");
  }

  /** Records users, each in the partition of its key. */
  private void record(int from, int until) {
    IntStream.range(from, until)
        .forEach(
            number -> {
              environment.record(registered(number));
              expected.add(user(number));
            });
  }

  private static UserEvent registered(int number) {
    return TestEvents.registered(user(number), TestEvents.now())
        .set(UserField.CITY, "Bern")
        .build();
  }

  private void drain() {
    try (RunningSpeedLayer layer = environment.startSpeedLayer()) {
      environment.awaitDrainedBy(layer);
      assertThat(layer.stop()).as(layer::output).isEqualTo(ExitStatus.TERMINATED);
    }
  }

  private void assertThatBothLayersFail() {
    assertThatThrownBy(() -> environment.startSpeedLayer())
        .hasMessageContaining("STATE_MISMATCH")
        .hasMessageContaining("rm -r '" + pipeline.checkpoint());
    ApplicationResult archive = environment.execute(BatchLayerInProcess.batchLayer(), "archive");
    assertThat(archive.status()).as(archive.message()).isEqualTo(ExitStatus.STATE_MISMATCH);
    assertThat(archive.message()).contains("archive --accept-gap");
  }

  private void assertThatViewShowsAllUsers() {
    try (CqlSession session = pipeline.view().session(TestView.READER)) {
      assertThat(pipeline.view().rows(session)).containsOnlyKeys(expected);
    }
  }

  private void removeCheckpoint() throws Exception {
    try (Stream<Path> files = Files.walk(pipeline.checkpoint())) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** Moves the topic to the replicas, and allows unclean elections. */
  private void replicate(String topic) throws Exception {
    try (Admin admin = pipeline.clients().admin()) {
      admin
          .incrementalAlterConfigs(
              Map.of(
                  new ConfigResource(ConfigResource.Type.TOPIC, topic),
                  List.of(
                      set(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, "1"),
                      set(TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG, "true"))))
          .all()
          .get();
      admin
          .alterPartitionReassignments(
              partitions(admin, topic).stream()
                  .collect(
                      Collectors.toMap(
                          partition -> new TopicPartition(topic, partition.partition()),
                          partition -> Optional.of(new NewPartitionReassignment(REPLICAS)))))
          .all()
          .get();
      await()
          .atMost(TIMEOUT)
          .until(
              () ->
                  partitions(admin, topic).stream()
                      .allMatch(
                          partition ->
                              partition.replicas().size() == REPLICAS.size()
                                  && partition.isr().size() == REPLICAS.size()));
    }
  }

  private static AlterConfigOp set(String name, String value) {
    return new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
  }

  private static List<TopicPartitionInfo> partitions(Admin admin, String topic) throws Exception {
    TopicDescription description =
        admin.describeTopics(List.of(topic)).topicNameValues().get(topic).get();
    return description.partitions();
  }

  /** Kills the leader of all partitions, and lets the other replica lead without its records. */
  private void elect(int from, int to) throws Exception {
    brokers.broker(from).kill();
    brokers.start(to);
    try (Admin admin = pipeline.clients().admin()) {
      for (String topic : List.of(pipeline.topic(), pipeline.deadLetterTopic())) {
        await()
            .atMost(TIMEOUT)
            .ignoreExceptions()
            .until(
                () -> {
                  Set<TopicPartition> withoutLeader =
                      partitions(admin, topic).stream()
                          .filter(
                              partition ->
                                  partition.leader() == null || partition.leader().id() != to)
                          .map(partition -> new TopicPartition(topic, partition.partition()))
                          .collect(Collectors.toSet());
                  if (!withoutLeader.isEmpty()) {
                    admin.electLeaders(ElectionType.UNCLEAN, withoutLeader).all().get();
                  }
                  return withoutLeader.isEmpty();
                });
      }
    }
    // the other broker follows the new leader, and loses its records too
    brokers.start(from);
  }
}
