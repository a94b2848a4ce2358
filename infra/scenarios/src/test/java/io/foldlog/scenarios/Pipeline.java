package io.foldlog.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foldlog.application.ApplicationCommand;
import io.foldlog.application.ExitStatus;
import io.foldlog.application.Settings;
import io.foldlog.application.StopSignal;
import io.foldlog.batch.BatchLayer;
import io.foldlog.contract.UserEvent;
import io.foldlog.local.servers.CassandraNode;
import io.foldlog.local.servers.SharedServers;
import io.foldlog.local.servers.SparkProcess;
import io.foldlog.speed.SpeedLayerProcess;
import io.foldlog.speed.Stage;
import io.foldlog.verifier.Verifier;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/** A log, a view and a lake of a test's own, and the applications to run on them. */
final class Pipeline {

  static final Duration LIMIT = Duration.ofMinutes(3);

  private final Stage stage;
  private final Path settings;

  private Pipeline(Stage stage, Path settings) {
    this.stage = stage;
    this.settings = settings;
  }

  static Pipeline in(Path folder, String name, String... overrides) throws Exception {
    return on(SharedServers.cassandra(), folder, name, overrides);
  }

  /** With its view on a node of the test's own. */
  static Pipeline on(CassandraNode cassandra, Path folder, String name, String... overrides)
      throws Exception {
    Stage stage = Stage.provisioned(SharedServers.kafka(), cassandra, folder, name);
    String[] lines = new String[overrides.length + 2];
    lines[0] =
        "cassandra.reader.password-file = \"%s\"".formatted(stage.secret(Stage.READER.password()));
    lines[1] =
        "batch-layer { lake = \"%s\", reports = \"%s\", master = \"local[2]\", ui-port = 0 }"
            .formatted(folder.resolve("lake"), folder.resolve("reports"));
    System.arraycopy(overrides, 0, lines, 2, overrides.length);
    return new Pipeline(stage, stage.settings(lines));
  }

  Stage stage() {
    return stage;
  }

  Path settings() {
    return settings;
  }

  void record(UserEvent... events) {
    try (Producer<byte[], byte[]> producer = stage.producer()) {
      for (UserEvent event : events) {
        producer.send(stage.record(event));
      }
    }
  }

  /** Records a value as it is, without a key. */
  void recordRaw(String value) {
    recordRaw(value.getBytes(StandardCharsets.UTF_8));
  }

  void recordRaw(byte[] value) {
    try (Producer<byte[], byte[]> producer = stage.producer()) {
      producer.send(new ProducerRecord<>(stage.topic(), null, value));
    }
  }

  SpeedLayerProcess startSpeedLayer() {
    SpeedLayerProcess layer = SpeedLayerProcess.start(settings);
    await().atMost(LIMIT).until(() -> layer.hasSaid("started=speed-layer"));
    return layer;
  }

  void awaitDrainedBy(SpeedLayerProcess layer) {
    await().atMost(LIMIT).until(() -> layer.isRunning() && stage.isDrainedBy(layer.pid()));
  }

  /** Runs a step of the batch layer in this machine. */
  ExitStatus batch(String... arguments) throws Exception {
    return run(new BatchLayer(), arguments);
  }

  /** Starts a step of the batch layer as a process of its own. */
  Process startBatch(Path log, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(arguments));
    command.addAll(List.of("--settings", settings.toString()));
    return SparkProcess.start(BatchLayer.class, "batch-layer", 2, log, List.of(), command);
  }

  /** What the last run of the batch layer said of itself. */
  JsonNode newestReport() throws IOException {
    try (Stream<Path> files = Files.list(stage.folder().resolve("reports"))) {
      Path newest =
          files
              .filter(file -> file.toString().endsWith(".json"))
              .max(Comparator.comparingLong(file -> file.toFile().lastModified()))
              .orElseThrow();
      return new ObjectMapper().readTree(newest.toFile());
    }
  }

  void assertThatTheViewEqualsTheFoldOfTheLog() throws Exception {
    assertThat(run(new Verifier(), "--await", "60s")).isEqualTo(ExitStatus.DONE);
  }

  private ExitStatus run(Object application, String... arguments) throws Exception {
    ParseResult parsed =
        new CommandLine(application).setCaseInsensitiveEnumValuesAllowed(true).parseArgs(arguments);
    while (parsed.hasSubcommand()) {
      parsed = parsed.subcommand();
    }
    return ((ApplicationCommand) parsed.commandSpec().userObject())
        .run(Settings.load(Optional.of(settings), Map.of()), new StopSignal());
  }
}
