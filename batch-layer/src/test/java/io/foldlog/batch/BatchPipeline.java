package io.foldlog.batch;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foldlog.batch.lake.Lake;
import io.foldlog.contract.UserEvent;
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
import java.util.UUID;
import java.util.function.Function;
import org.apache.kafka.common.utils.Utils;
import org.apache.spark.sql.Row;

/** A log and a lake of a test's own, and the commands to run on them. */
final class BatchPipeline {

  private final Path folder;
  private final TestTopic topic;
  private final String further;

  private BatchPipeline(Path folder, TestTopic topic, String further) {
    this.folder = folder;
    this.topic = topic;
    this.further = further;
  }

  static BatchPipeline in(Path folder) {
    return in(folder, BatchLayerInProcess.SMALL_LAKE);
  }

  /** As users run it, with further settings. */
  static BatchPipeline in(Path folder, String further) {
    return new BatchPipeline(folder, TestTopic.provisioned("batch"), further);
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
            further);
  }

  void send(UserEvent... events) throws Exception {
    send(List.of(events));
  }

  void send(List<UserEvent> events) throws Exception {
    topic.send(events);
  }

  /** Where Kafka's own partitioner, and so {@link #send}, puts a user's events. */
  static int partition(UUID user) {
    byte[] key = user.toString().getBytes(StandardCharsets.UTF_8);
    return Utils.toPositive(Utils.murmur2(key)) % 2;
  }

  void sendRaw(int partition, byte[] key, byte[] value) throws Exception {
    topic.send(partition, key, value);
  }

  /** Runs a command in this JVM, on the shared Spark. */
  ApplicationResult run(String... arguments) {
    return run(BatchLayerInProcess.environment(), new StopSignal(), arguments);
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
    assertThat(ended.isSuccess()).as(ended.status() + " " + ended.message()).isTrue();
    return ended.result(RunReport.class);
  }

  /** What a question about the lake gives. */
  <T> T ask(Function<Lake, T> question) {
    BatchLayerSettings settings = BatchLayerSettings.from(Settings.of(settingsText()));
    return question.apply(new Lake(BatchLayerInProcess.spark(), settings.lake().root()));
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
