package io.foldlog.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.datastax.oss.driver.api.core.CqlSession;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserState;
import io.foldlog.local.servers.CassandraService;
import io.foldlog.local.servers.KafkaService;
import io.foldlog.log.DeadLetter;
import io.foldlog.log.DeadLetters;
import io.foldlog.log.EventTopic;
import io.foldlog.log.KafkaClients;
import io.foldlog.log.LogOffsets;
import io.foldlog.log.TestTopic;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.runtime.PrivateFile;
import io.foldlog.testing.kit.SharedServers;
import io.foldlog.testing.kit.TestNames;
import io.foldlog.view.FoldOracle;
import io.foldlog.view.TestView;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A dedicated log and view for a test, and settings files for them. */
public final class TestPipeline {

  public static final int MAX_MESSAGE_BYTES = 128 * 1024;

  private static final Duration DRAIN_TIMEOUT = Duration.ofMinutes(3);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final TestTopic log;
  private final TestTopic deadLetterTopic;
  private final TestView view;
  private final Path folder;

  /**
   * The last status that was behind the end of the log. The log only grows, so {@link #isDrained}
   * need not query the brokers, for which it opens new clients, until the status changes.
   */
  private volatile JsonNode undrainedStatus;

  private TestPipeline(TestTopic log, TestTopic deadLetterTopic, TestView view, Path folder) {
    this.log = log;
    this.deadLetterTopic = deadLetterTopic;
    this.view = view;
    this.folder = folder;
  }

  /** A pipeline on the shared servers, without topics and keyspace. */
  public static TestPipeline unprovisioned(Path folder, String prefix) {
    return on(SharedServers.kafka(), SharedServers.cassandra(), folder, prefix);
  }

  /** A pipeline on the shared servers, with topics, keyspace, table and roles. */
  public static TestPipeline provisioned(Path folder, String prefix) throws InterruptedException {
    return unprovisioned(folder, prefix).provision();
  }

  /** A pipeline on the given servers, with topics, keyspace, table and roles. */
  public static TestPipeline provisioned(
      KafkaService kafka, CassandraService cassandra, Path folder, String prefix)
      throws InterruptedException {
    return on(kafka, cassandra, folder, prefix).provision();
  }

  private static TestPipeline on(
      KafkaService kafka, CassandraService cassandra, Path folder, String prefix) {
    TestTopic log = TestTopic.absent(kafka, prefix).withMaxMessageBytes(MAX_MESSAGE_BYTES);
    return new TestPipeline(log, log.deadLetters(), TestView.absent(cassandra, prefix), folder);
  }

  /** A pipeline with the same log and a separate view, dead letter topic and checkpoint. */
  public TestPipeline withSeparateView(Path otherFolder, String prefix)
      throws InterruptedException {
    TestTopic otherDeadLetters = log.deadLetters(TestNames.unique(prefix));
    TestPipeline other =
        new TestPipeline(log, otherDeadLetters, TestView.absent(view.node(), prefix), otherFolder);
    return other.provision();
  }

  private TestPipeline provision() throws InterruptedException {
    provisionTopics();
    provisionView();
    return this;
  }

  public void provisionTopics() {
    log.provision();
    deadLetterTopic.provision();
  }

  public void provisionTopics(int partitions) {
    log.withPartitions(partitions).provision();
    deadLetterTopic.withPartitions(partitions).provision();
  }

  public void provisionView() throws InterruptedException {
    view.provision();
  }

  public String topic() {
    return log.name();
  }

  public String deadLetterTopic() {
    return deadLetterTopic.name();
  }

  public String keyspace() {
    return view.keyspace();
  }

  public Path folder() {
    return folder;
  }

  public Path checkpoint() {
    return folder.resolve("checkpoint");
  }

  public KafkaClients clients() {
    return log.clients().within(Duration.ofSeconds(20));
  }

  public TestView view() {
    return view;
  }

  /** A settings file for this pipeline; later settings override earlier ones. */
  public Path settings(String... overrides) {
    try {
      Path file = Files.createTempFile(folder, "settings", ".conf");
      List<String> lines = new ArrayList<>();
      lines.add("kafka.bootstrap-servers = \"%s\"".formatted(log.kafka().bootstrapServers()));
      lines.add("kafka.topic = " + topic());
      lines.add("kafka.dead-letter-topic = " + deadLetterTopic());
      lines.add("cassandra.port = " + view.node().contactPoint().getPort());
      lines.add("cassandra.keyspace = " + keyspace());
      lines.add(
          "cassandra.writer.password-file = \"%s\"".formatted(secret(TestView.WRITER.password())));
      lines.add("speed-layer.checkpoint = \"%s\"".formatted(checkpoint()));
      lines.add("speed-layer.status-file = \"%s\"".formatted(statusFile()));
      lines.add("speed-layer.ui-port = 0");
      lines.addAll(List.of(overrides));
      return Files.write(file, lines);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Writes a secret to a file that only its owner can read. */
  public Path secret(String secret) throws IOException {
    return PrivateFile.write(folder.resolve(UUID.randomUUID() + ".password"), secret + "\n");
  }

  private Path statusFile() {
    return folder.resolve("status.json");
  }

  /** The content of the status file; a missing node if the file does not exist. */
  public JsonNode status() throws IOException {
    return Files.exists(statusFile())
        ? JSON.readTree(Files.readAllBytes(statusFile()))
        : JSON.missingNode();
  }

  public Producer<byte[], byte[]> producer() {
    return log.producer();
  }

  /** Kafka's own transactional producer, initialised; the caller closes it. */
  public Producer<byte[], byte[]> transactionalProducer(String prefix) {
    return transactionalProducerWithId(TestNames.unique(prefix));
  }

  /** As {@link #transactionalProducer}; fences the earlier producer with that id. */
  public Producer<byte[], byte[]> transactionalProducerWithId(String transactionalId) {
    return log.transactionalProducer(transactionalId);
  }

  public ProducerRecord<byte[], byte[]> record(UserEvent event) {
    return log.record(event);
  }

  public EventTopic log() {
    return EventTopic.open(clients(), topic());
  }

  public LogOffsets endOffsets() {
    try (EventTopic log = log()) {
      return log.endOffsets();
    }
  }

  /** Whether the layer has written all records of the log, according to its status file. */
  public boolean isDrained() throws IOException {
    JsonNode status = status();
    if (status.equals(undrainedStatus)) {
      return false;
    }
    boolean drained = hasWritten(endOffsets(), status);
    if (!drained) {
      undrainedStatus = status;
    }
    return drained;
  }

  private static boolean hasWritten(LogOffsets ends, JsonNode status) {
    JsonNode offsets = status.path("offsets");
    return ends.byPartition().entrySet().stream()
        .allMatch(
            end -> offsets.path(end.getKey().toString()).asLong() == end.getValue().longValue());
  }

  /** Whether the process with this id has written all records of the log. */
  public boolean isDrainedBy(long process) throws IOException {
    return status().path("process").asLong() == process && isDrained();
  }

  /** Whether this run of the layer has written all records of the log. */
  public boolean isDrainedBy(RunningSpeedLayer layer) throws IOException {
    return layer.wrote(status()) && isDrained();
  }

  /** Whether the process with this id has written all records before the offsets. */
  public boolean hasWritten(LogOffsets ends, long process) throws IOException {
    JsonNode status = status();
    return status.path("process").asLong() == process && hasWritten(ends, status);
  }

  /** The number of committed records, according to the status file. */
  public long committedRecords() throws IOException {
    long sum = 0;
    for (JsonNode offset : status().path("offsets")) {
      sum += offset.asLong();
    }
    return sum;
  }

  /** All dead letters, without duplicates. */
  public List<DeadLetter> deadLetters() {
    List<DeadLetter> deadLetters = new ArrayList<>();
    try (EventTopic log = EventTopic.open(clients(), deadLetterTopic())) {
      DeadLetters.read(log, log.endOffsets(), deadLetters::add);
    }
    return deadLetters;
  }

  /** The fold of the log, by user id. */
  public Map<UUID, UserState> fold() {
    Map<UUID, UserState> users = new HashMap<>();
    EventDecoder decoder = new EventDecoder(EventDecoder.CreateTime.REJECT);
    try (EventTopic log = log()) {
      log.readAll(
          log.endOffsets(),
          record -> {
            Object decoded = record.decodeWith(decoder);
            if (decoded instanceof UserEvent event) {
              users.computeIfAbsent(event.userId(), id -> new UserState()).apply(event);
            }
          });
    }
    return users;
  }

  /** The differences between the view and the fold of the log, in values and writetimes. */
  public List<String> differences() {
    return differencesFrom(fold());
  }

  /** The differences between the view and the expected users, in values and writetimes. */
  public List<String> differencesFrom(Map<UUID, UserState> expected) {
    try (CqlSession session = view.session(TestView.READER)) {
      return FoldOracle.VALUES_AND_WRITETIMES.differences(expected, view.rows(session));
    }
  }

  /** Waits until the layer has written all of the log, stops it, and returns the differences. */
  List<String> differencesOnceDrainedBy(RunningSpeedLayer layer) {
    try (layer) {
      await().atMost(DRAIN_TIMEOUT).until(layer::hasStarted);
      await().atMost(DRAIN_TIMEOUT).until(() -> isDrainedBy(layer));
      assertThat(layer.stop()).as(layer::output).isEqualTo(ExitStatus.TERMINATED);
    }
    List<String> differences = differences();
    System.out.printf("log=%s differences=%d%n", endOffsets().sum(), differences.size());
    return differences;
  }
}
