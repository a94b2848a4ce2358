package io.foldlog.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.datastax.oss.driver.api.core.CqlSession;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foldlog.application.ExitStatus;
import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.EventEncoder;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserField;
import io.foldlog.contract.UserState;
import io.foldlog.local.servers.CassandraService;
import io.foldlog.local.servers.KafkaService;
import io.foldlog.log.DeadLetter;
import io.foldlog.log.DeadLetters;
import io.foldlog.log.Log;
import io.foldlog.log.LogConnection;
import io.foldlog.log.LogOffsets;
import io.foldlog.log.TopicProvisioning;
import io.foldlog.log.TopicSpecification;
import io.foldlog.testing.servers.TestRoles;
import io.foldlog.view.UserViewReader;
import io.foldlog.view.ViewConnection;
import io.foldlog.view.ViewCredentials;
import io.foldlog.view.ViewProvisioning;
import io.foldlog.view.ViewRow;
import io.foldlog.view.ViewSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A provisioned log and view of a test's own on given servers, with settings that name them. */
public final class Stage {

  static final int PARTITIONS = 2;
  public static final int MAX_MESSAGE_BYTES = 128 * 1024;

  private static final ViewCredentials ADMIN =
      new ViewCredentials(TestRoles.ADMIN, TestRoles.ADMIN_PASSWORD);
  private static final ViewCredentials WRITER =
      new ViewCredentials(TestRoles.WRITER, TestRoles.WRITER_PASSWORD);
  public static final ViewCredentials READER =
      new ViewCredentials(TestRoles.READER, TestRoles.READER_PASSWORD);
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Duration DRAIN_LIMIT = Duration.ofMinutes(3);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final KafkaService kafka;
  private final CassandraService cassandra;
  private final Path folder;
  private final String name;
  private final String topic;

  /**
   * The last status that was behind the log, which only grows: until there is another one, the
   * brokers need not be asked again, which takes new clients each time.
   */
  private volatile JsonNode undrained;

  private Stage(
      KafkaService kafka, CassandraService cassandra, Path folder, String name, String topic) {
    this.kafka = kafka;
    this.cassandra = cassandra;
    this.folder = folder;
    this.name = name;
    this.topic = topic;
  }

  /** Names everything after the test; makes nothing. */
  public static Stage unprovisioned(
      KafkaService kafka, CassandraService cassandra, Path folder, String name) {
    return new Stage(kafka, cassandra, folder, name, name);
  }

  /** Topics, keyspace, table, roles and settings. */
  public static Stage provisioned(
      KafkaService kafka, CassandraService cassandra, Path folder, String name)
      throws InterruptedException {
    Stage stage = unprovisioned(kafka, cassandra, folder, name);
    stage.provisionTopics();
    stage.provisionView();
    return stage;
  }

  /** Another view of the same log, with dead letters and a checkpoint of its own. */
  public Stage beside(Path otherFolder, String otherName) throws InterruptedException {
    Stage other = new Stage(kafka, cassandra, otherFolder, otherName, topic);
    other.provisionTopics();
    other.provisionView();
    return other;
  }

  public void provisionTopics() {
    provisionTopics(PARTITIONS);
  }

  public void provisionTopics(int partitions) {
    TopicSpecification specification =
        TopicSpecification.log(topic(), partitions, 1, MAX_MESSAGE_BYTES);
    TopicProvisioning.provision(connection(), specification);
    TopicProvisioning.provision(connection(), specification.deadLetters(deadLetterTopic()));
  }

  public void provisionView() throws InterruptedException {
    new ViewProvisioning(view(ADMIN), Map.of("datacenter1", 1), WRITER, READER).provision(LIMIT);
  }

  public String topic() {
    return topic;
  }

  public String deadLetterTopic() {
    return name + ".dead-letter";
  }

  public String keyspace() {
    return name;
  }

  public Path folder() {
    return folder;
  }

  public Path checkpoint() {
    return folder.resolve("checkpoint");
  }

  public LogConnection connection() {
    return LogConnection.to(kafka.bootstrapServers()).within(Duration.ofSeconds(20));
  }

  public ViewConnection view(ViewCredentials credentials) {
    return new ViewConnection(
        List.of(cassandra.contactPoint()), "datacenter1", keyspace(), credentials);
  }

  /** A session of the role that owns the view. */
  public CqlSession adminSession() {
    return ViewSession.open(view(ADMIN));
  }

  /** A settings file for this stage; later settings override earlier ones. */
  public Path settings(String... overrides) {
    try {
      Path file = Files.createTempFile(folder, "settings", ".conf");
      List<String> lines = new ArrayList<>();
      lines.add("kafka.bootstrap-servers = \"%s\"".formatted(kafka.bootstrapServers()));
      lines.add("kafka.topic = " + topic());
      if (!name.equals(topic)) {
        lines.add("kafka.dead-letter-topic = " + deadLetterTopic());
      }
      lines.add("cassandra.port = " + cassandra.contactPoint().getPort());
      lines.add("cassandra.keyspace = " + keyspace());
      lines.add("cassandra.writer.password-file = \"%s\"".formatted(secret(WRITER.password())));
      lines.add("speed-layer.checkpoint = \"%s\"".formatted(checkpoint()));
      lines.add("speed-layer.status-file = \"%s\"".formatted(statusFile()));
      lines.addAll(List.of(overrides));
      return Files.write(file, lines);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** A file that only its owner reads. */
  public Path secret(String word) throws IOException {
    Path file =
        Files.createTempFile(
            folder,
            "secret",
            ".password",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    return Files.writeString(file, word + "\n");
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
    return connection().producer(Map.of("max.request.size", 2 * MAX_MESSAGE_BYTES));
  }

  public ProducerRecord<byte[], byte[]> record(UserEvent event) {
    return new ProducerRecord<>(topic(), EventEncoder.key(event), EventEncoder.value(event));
  }

  public Log log() {
    return Log.open(connection(), topic());
  }

  public LogOffsets endOffsets() {
    try (Log log = log()) {
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
    try (Log log = Log.open(connection(), deadLetterTopic())) {
      DeadLetters.read(log, log.endOffsets(), letters::add);
    }
    return letters;
  }

  /** The fold of the log as the contract has it. */
  public Map<UUID, UserState> fold() {
    Map<UUID, UserState> users = new HashMap<>();
    EventDecoder decoder = new EventDecoder(EventDecoder.CreateTime.REJECT);
    try (Log log = log()) {
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
    Map<UUID, ViewRow> rows = new HashMap<>();
    try (CqlSession session = ViewSession.open(view(READER))) {
      UserViewReader.over(session, keyspace()).scan(row -> rows.put(row.id(), row));
    }
    List<String> differences = new ArrayList<>();
    expected.forEach(
        (id, user) -> {
          ViewRow row = rows.remove(id);
          if (user.isLive() != (row != null)) {
            differences.add(id + (user.isLive() ? " is missing" : " is a ghost"));
          } else if (row != null) {
            UserField.all().stream()
                .filter(field -> !equal(user, row, field))
                .forEach(field -> differences.add(id + " differs in " + field.columnName()));
          }
        });
    rows.keySet().forEach(id -> differences.add(id + " is of no event"));
    return differences;
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

  private static boolean equal(UserState user, ViewRow row, UserField field) {
    if (user.hasValue(field) != row.hasValue(field)) {
      return false;
    }
    return !user.hasValue(field)
        || Arrays.equals(user.value(field), row.value(field))
            && user.time(field) == row.writetime(field);
  }
}
