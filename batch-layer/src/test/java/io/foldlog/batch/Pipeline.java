package io.foldlog.batch;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foldlog.application.ApplicationResult;
import io.foldlog.application.ApplicationRunner;
import io.foldlog.application.Settings;
import io.foldlog.application.StopSignal;
import io.foldlog.batch.lake.Lake;
import io.foldlog.contract.EventEncoder;
import io.foldlog.contract.UserEvent;
import io.foldlog.log.LogConnection;
import io.foldlog.log.TopicProvisioning;
import io.foldlog.log.TopicSpecification;
import io.foldlog.testing.servers.SharedServers;
import io.foldlog.testing.servers.TestNames;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.spark.sql.Row;

/** A log and a lake of a test's own, and the commands to run on them. */
final class Pipeline {

  private final Path folder;
  private final String topic;
  private final String further;

  private Pipeline(Path folder, String topic, String further) {
    this.folder = folder;
    this.topic = topic;
    this.further = further;
  }

  static Pipeline in(Path folder) {
    return in(folder, TestSpark.SMALL_LAKE);
  }

  /** As users run it, with further settings. */
  static Pipeline in(Path folder, String further) {
    Pipeline pipeline = new Pipeline(folder, TestNames.unique("batch"), further);
    pipeline.createTopic();
    return pipeline;
  }

  static LogConnection connection() {
    return LogConnection.to(SharedServers.kafka().bootstrapServers());
  }

  String topic() {
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
            SharedServers.kafka().bootstrapServers(),
            topic,
            lake(),
            folder.resolve("reports"),
            further);
  }

  private void createTopic() {
    TopicProvisioning.provision(connection(), TopicSpecification.log(topic, 2, 1, 1024 * 1024));
  }

  /** Sends events, each to the partition of its user's first half's parity. */
  void send(UserEvent... events) throws Exception {
    send(List.of(events));
  }

  void send(List<UserEvent> events) throws Exception {
    try (Producer<byte[], byte[]> producer = connection().producer(Map.of())) {
      for (UserEvent event : events) {
        producer.send(
            new ProducerRecord<>(
                topic,
                partition(event.userId()),
                EventEncoder.key(event),
                EventEncoder.value(event)));
      }
      producer.flush();
    }
  }

  /** Where {@link #send} puts a user's events. */
  static int partition(UUID user) {
    return Math.floorMod(user.hashCode(), 2);
  }

  void sendRaw(int partition, byte[] key, byte[] value) throws Exception {
    try (Producer<byte[], byte[]> producer = connection().producer(Map.of())) {
      producer.send(new ProducerRecord<>(topic, partition, key, value)).get();
    }
  }

  /** Runs a command in this JVM, on the shared Spark. */
  ApplicationResult run(String... arguments) {
    return run(TestSpark.environment(), new StopSignal(), arguments);
  }

  /** The same in another environment; the signal stops it. */
  ApplicationResult run(BatchEnvironment environment, StopSignal stop, String... arguments) {
    return ApplicationRunner.run(
        new BatchLayer(environment), Settings.of(settingsText()), stop, arguments);
  }

  /**
   * Runs a command that has to succeed; what its run did.
   *
   * @throws AssertionError with its message when it does not succeed
   */
  RunReport runToEnd(String... arguments) {
    ApplicationResult ended = run(arguments);
    assertThat(ended.isDone()).as(ended.status() + " " + ended.message()).isTrue();
    return ended.result(RunReport.class);
  }

  /** What a question about the lake gives. */
  <T> T ask(Function<Lake, T> question) {
    BatchLayerSettings settings = BatchLayerSettings.from(Settings.of(settingsText()));
    return question.apply(new Lake(TestSpark.session(), settings.lake().root()));
  }

  /** The rows of a table, as text, in an order of their own. */
  List<String> rows(String table) {
    return ask(
        lake ->
            lake.tables().stream()
                .filter(each -> each.name().equals(table))
                .flatMap(each -> each.read().collectAsList().stream())
                .map(Row::json)
                .sorted(Comparator.naturalOrder())
                .toList());
  }

  /** What the run has left in the folder of reports. */
  JsonNode reportFile(RunReport report) throws IOException {
    return new ObjectMapper()
        .readTree(folder.resolve("reports").resolve(report.run() + ".json").toFile());
  }
}
