package io.foldlog.batch;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lower;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foldlog.batch.lake.EventsTable;
import io.foldlog.batch.lake.Lake;
import io.foldlog.contract.UserEvent;
import io.foldlog.log.EventTopic;
import io.foldlog.log.TestTopic;
import io.foldlog.runtime.ApplicationResult;
import io.foldlog.runtime.ApplicationRunner;
import io.foldlog.runtime.Settings;
import io.foldlog.runtime.StopSignal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.function.Function;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Utils;
import org.apache.spark.sql.Row;

/** A log and a lake of one test, and methods that run commands on them. */
final class BatchPipeline {

  private final Path folder;
  private final TestTopic topic;
  private final String furtherSettings;

  private BatchPipeline(Path folder, TestTopic topic, String furtherSettings) {
    this.folder = folder;
    this.topic = topic;
    this.furtherSettings = furtherSettings;
  }

  static BatchPipeline in(Path folder) {
    return in(folder, BatchLayerInProcess.SMALL_LAKE);
  }

  /** Creates a pipeline with further settings, and without those for small lakes. */
  static BatchPipeline in(Path folder, String furtherSettings) {
    return new BatchPipeline(folder, TestTopic.provisioned("batch"), furtherSettings);
  }

  TestTopic topic() {
    return topic;
  }

  Path lake() {
    return folder.resolve("lake");
  }

  String settingsText() {
    return """
        kafka.bootstrap-servers = "%s"
        kafka.topic = %s
        lake.root = "%s"
        batch-layer { reports = "%s", master = "local[2]", ui-port = 0 }
        %s
        """
        .formatted(
            topic.kafka().bootstrapServers(),
            topic.name(),
            lake(),
            folder.resolve("reports"),
            furtherSettings);
  }

  void send(UserEvent... events) throws Exception {
    send(List.of(events));
  }

  void send(List<UserEvent> events) throws Exception {
    topic.send(events);
  }

  /**
   * The partition of a user's events, as Kafka's default partitioner and {@link #send} choose it.
   */
  static int partition(UUID user) {
    byte[] key = user.toString().getBytes(StandardCharsets.UTF_8);
    return Utils.toPositive(Utils.murmur2(key)) % 2;
  }

  /** A producer of transactions, which the caller closes. */
  KafkaProducer<byte[], byte[]> transactionalProducer() {
    Properties properties = new Properties();
    properties.setProperty("bootstrap.servers", topic.clients().bootstrapServers());
    properties.setProperty("transactional.id", topic.name());
    KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    producer.initTransactions();
    return producer;
  }

  /** Begins a transaction and sends the events in it. */
  void begin(KafkaProducer<byte[], byte[]> producer, UserEvent... events) {
    producer.beginTransaction();
    for (UserEvent event : events) {
      producer.send(topic.record(event));
    }
    producer.flush();
  }

  /** Waits until the broker has written the marker of each transaction that has ended. */
  void awaitMarkers() {
    try (EventTopic log = topic.open()) {
      await().until(() -> log.end().heldBack() == 0);
    }
  }

  void sendRaw(int partition, byte[] key, byte[] value) throws Exception {
    topic.send(partition, key, value);
  }

  /** Runs a command in this JVM, on the shared Spark session. */
  ApplicationResult run(String... arguments) {
    return run(BatchLayerInProcess.environment(), new StopSignal(), arguments);
  }

  /** Runs a command in another environment. The signal stops it. */
  ApplicationResult run(BatchEnvironment environment, StopSignal stop, String... arguments) {
    return ApplicationRunner.run(
        new BatchLayer(environment), Settings.of(settingsText()), stop, arguments);
  }

  /**
   * Runs a command that must succeed. Returns its report.
   *
   * @throws AssertionError with the message of the command if it fails
   */
  RunReport runSuccessfully(String... arguments) {
    ApplicationResult result = run(arguments);
    assertThat(result.isSuccess()).as(result.status() + " " + result.message()).isTrue();
    return result.result(RunReport.class);
  }

  <T> T query(Function<Lake, T> query) {
    BatchLayerSettings settings = BatchLayerSettings.from(Settings.of(settingsText()));
    return query.apply(new Lake(BatchLayerInProcess.spark(), settings.lake().root()));
  }

  /** The time (µs) of the place of the user's archived record. */
  long place(UUID user) {
    return query(
        lake ->
            EventsTable.placeMicros(
                lake.events()
                    .read()
                    .where(lower(col("value").cast("string")).contains(user.toString()))
                    .selectExpr(EventsTable.DECODED_COLUMNS)
                    .first()));
  }

  /** The rows of a table as JSON, sorted. */
  List<String> rows(String table) {
    return query(
        lake ->
            lake.tables().stream()
                .filter(each -> each.name().equals(table))
                .flatMap(each -> each.read().collectAsList().stream())
                .map(Row::json)
                .sorted(Comparator.naturalOrder())
                .toList());
  }

  /** The report file of a run. */
  JsonNode reportFile(RunReport report) throws IOException {
    return new ObjectMapper()
        .readTree(folder.resolve("reports").resolve(report.run() + ".json").toFile());
  }
}
