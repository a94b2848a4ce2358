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

/** A log and a view of a test's own, and settings that name them. */
public final class TestPipeline {

  public static final int MAX_MESSAGE_BYTES = 128 * 1024;

  private static final Duration DRAIN_LIMIT = Duration.ofMinutes(3);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final TestTopic log;
  private final TestTopic deadLetterTopic;
  private final TestView view;
  private final Path folder;

  /**
   * The last status that was behind the log, which only grows: until there is another one, the
   * brokers need not be asked again, which takes new clients each time.
   */
  private volatile JsonNode undrained;

  private TestPipeline(TestTopic log, TestTopic deadLetterTopic, TestView view, Path folder) {
    this.log = log;
    this.deadLetterTopic = deadLetterTopic;
    this.view = view;
    this.folder = folder;
  }

  /** On the shared servers; makes nothing. */
  public static TestPipeline unprovisioned(Path folder, String prefix) {
    return on(SharedServers.kafka(), SharedServers.cassandra(), folder, prefix);
  }

  /** On the shared servers, with topics, keyspace, table and roles. */
  public static TestPipeline provisioned(Path folder, String prefix) throws InterruptedException {
    return unprovisioned(folder, prefix).provision();
  }

  /** The same on other servers. */
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

  /** Another view of the same log, with dead letters and a checkpoint of its own. */
  public TestPipeline beside(Path otherFolder, String prefix) throws InterruptedException {
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

  public KafkaClients connection() {
    return log.connection().within(Duration.ofSeconds(20));
  }

  public TestView view() {
    return view;
  }

  /** A settings file for this stage; later settings override earlier ones. */
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

  /** A file that only its owner reads. */
  public Path secret(String word) throws IOException {
    return PrivateFile.write(folder.resolve(UUID.randomUUID() + ".password"), word + "\n");
  }

  private Path statusFile() {
    return folder.resolve("status.json");
  }

  /** What the layer last said of itself; missing when it said nothing yet. */
  public JsonNode status() throws IOException {
    return Files.exists(statusFile())
        ? JSON.readTree(Files.readAllBytes(statusFile()))
        : JSON.missingNode();
  }

  public Producer<byte[], byte[]> producer() {
    return log.producer();
  }

  public ProducerRecord<byte[], byte[]> record(UserEvent event) {
    return log.record(event);
  }

  public EventTopic log() {
    return EventTopic.open(connection(), topic());
  }

  public LogOffsets endOffsets() {
    try (EventTopic log = log()) {
      return log.endOffsets();
    }
  }

  /** Whether the running layer says that it has written all of the log. */
  public boolean isDrained() throws IOException {
    JsonNode status = status();
    if (status.equals(undrained)) {
      return false;
    }
    boolean drained = hasWritten(endOffsets(), status);
    if (!drained) {
      undrained = status;
    }
    return drained;
  }

  private static boolean hasWritten(LogOffsets ends, JsonNode status) {
    JsonNode offsets = status.path("offsets");
    return ends.byPartition().entrySet().stream()
        .allMatch(
            end -> offsets.path(end.getKey().toString()).asLong() == end.getValue().longValue());
  }

  /** Whether that process, and none before it, says so. */
  public boolean isDrainedBy(long process) throws IOException {
    return status().path("process").asLong() == process && isDrained();
  }

  /** Whether that layer, and none before it, says so. */
  public boolean isDrainedBy(RunningSpeedLayer layer) throws IOException {
    return layer.wrote(status()) && isDrained();
  }

  /** Whether that process, and none before it, says that it has written all up to there. */
  public boolean hasWritten(LogOffsets ends, long process) throws IOException {
    JsonNode status = status();
    return status.path("process").asLong() == process && hasWritten(ends, status);
  }

  /** How many records of the log the layer says that it has written and committed. */
  public long committedRecords() throws IOException {
    long sum = 0;
    for (JsonNode offset : status().path("offsets")) {
      sum += offset.asLong();
    }
    return sum;
  }

  /** The dead letters, each rejected record once. */
  public List<DeadLetter> deadLetters() {
    List<DeadLetter> letters = new ArrayList<>();
    try (EventTopic log = EventTopic.open(connection(), deadLetterTopic())) {
      DeadLetters.read(log, log.endOffsets(), letters::add);
    }
    return letters;
  }

  /** The fold of the log as the contract has it. */
  public Map<UUID, UserState> fold() {
    Map<UUID, UserState> users = new HashMap<>();
    EventDecoder decoder = new EventDecoder(EventDecoder.CreateTime.REJECT);
    try (EventTopic log = log()) {
      log.readAll(
          log.endOffsets(),
          record -> {
            Object decoded = record.decodedBy(decoder);
            if (decoded instanceof UserEvent event) {
              users.computeIfAbsent(event.userId(), id -> new UserState()).apply(event);
            }
          });
    }
    return users;
  }

  /** Where the view differs from the fold of the log, in a cell or a writetime. */
  public List<String> differences() {
    return differencesFrom(fold());
  }

  /** Where the view differs from those users, in a cell or a writetime. */
  public List<String> differencesFrom(Map<UUID, UserState> expected) {
    try (CqlSession session = view.session(TestView.READER)) {
      return FoldOracle.VALUES_AND_WRITETIMES.differences(expected, view.rows(session));
    }
  }

  /** Lets the layer run until it has written all of the log, and returns what differs then. */
  List<String> differencesOnceDrainedBy(RunningSpeedLayer layer) {
    try (layer) {
      await().atMost(DRAIN_LIMIT).until(layer::hasStarted);
      await().atMost(DRAIN_LIMIT).until(() -> isDrainedBy(layer));
      assertThat(layer.stop()).as(layer::output).isEqualTo(ExitStatus.TERMINATED);
    }
    List<String> differences = differences();
    System.out.printf("log=%s differences=%d%n", endOffsets().sum(), differences.size());
    return differences;
  }
}
