package io.foldlog.testing.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foldlog.admin.verify.VerificationResult;
import io.foldlog.admin.verify.Verifier;
import io.foldlog.batch.BatchLayer;
import io.foldlog.batch.BatchLayerInProcess;
import io.foldlog.contract.DecodeRules;
import io.foldlog.contract.EventDecoder.CreateTime;
import io.foldlog.contract.UserEvent;
import io.foldlog.local.servers.CassandraService;
import io.foldlog.local.servers.KafkaService;
import io.foldlog.local.servers.SparkProcess;
import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationResult;
import io.foldlog.runtime.ApplicationRunner;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.runtime.Settings;
import io.foldlog.speed.RunningSpeedLayer;
import io.foldlog.speed.SparkSessionSource;
import io.foldlog.speed.SpeedLayer;
import io.foldlog.speed.SpeedLayerInProcess;
import io.foldlog.speed.SpeedLayerProcess;
import io.foldlog.speed.TestPipeline;
import io.foldlog.testing.kit.SharedServers;
import io.foldlog.view.TestView;
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
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A log, a view and a lake of one test, and methods that run the applications on them. */
public final class TestEnvironment {

  public static final Duration TIMEOUT = Duration.ofMinutes(3);

  private final TestPipeline pipeline;
  private final List<String> settingsLines;
  private final Path settings;

  private TestEnvironment(TestPipeline pipeline, List<String> settingsLines) {
    this.pipeline = pipeline;
    this.settingsLines = List.copyOf(settingsLines);
    this.settings = pipeline.settings(settingsLines.toArray(String[]::new));
  }

  /** Creates an environment on the shared servers. */
  public static TestEnvironment in(Path folder, String name, String... overrides) throws Exception {
    return on(SharedServers.kafka(), SharedServers.cassandra(), folder, name, overrides);
  }

  /** Creates an environment on the given servers. */
  public static TestEnvironment on(
      KafkaService kafka, CassandraService cassandra, Path folder, String name, String... overrides)
      throws Exception {
    TestPipeline pipeline = TestPipeline.provisioned(kafka, cassandra, folder, name);
    return new TestEnvironment(
            pipeline,
            List.of(
                "cassandra.reader.password-file = \"%s\""
                    .formatted(pipeline.secret(TestView.READER.password())),
                "lake.root = \"%s\", batch-layer { reports = \"%s\", master = \"local[2]\", ui-port = 0 }"
                    .formatted(folder.resolve("lake"), folder.resolve("reports")),
                BatchLayerInProcess.SMALL_LAKE))
        .with(overrides);
  }

  /** Returns the same log, view and lake with further settings. */
  public TestEnvironment with(String... overrides) {
    List<String> all = new ArrayList<>(settingsLines);
    all.addAll(List.of(overrides));
    return new TestEnvironment(pipeline, all);
  }

  public TestPipeline pipeline() {
    return pipeline;
  }

  public Path settings() {
    return settings;
  }

  /** The root of the lake's tables. */
  public Path lake() {
    return pipeline.folder().resolve("lake");
  }

  public boolean hasFolded() {
    return Files.exists(lake().resolve("users"));
  }

  public void record(UserEvent... events) {
    try (Producer<byte[], byte[]> producer = pipeline.producer()) {
      for (UserEvent event : events) {
        producer.send(pipeline.record(event));
      }
    }
  }

  /** Records a value without a key. */
  public void recordRaw(String value) {
    recordRaw(value.getBytes(StandardCharsets.UTF_8));
  }

  public void recordRaw(byte[] value) {
    try (Producer<byte[], byte[]> producer = pipeline.producer()) {
      producer.send(new ProducerRecord<>(pipeline.topic(), null, value));
    }
  }

  /** Starts the speed layer in this JVM. */
  public RunningSpeedLayer startSpeedLayer() {
    return startSpeedLayer(DecodeRules::current);
  }

  /** Starts the speed layer in this JVM with other decode rules. */
  public RunningSpeedLayer startSpeedLayer(Function<CreateTime, DecodeRules> rules) {
    RunningSpeedLayer layer =
        SpeedLayerInProcess.start(
            settings,
            new SpeedLayer(SparkSessionSource.shared(BatchLayerInProcess.spark()), rules));
    await().atMost(TIMEOUT).until(layer::hasStarted);
    return layer;
  }

  /** Starts the speed layer as a separate process with two task slots. */
  public SpeedLayerProcess startSpeedLayerProcess() {
    return startSpeedLayerProcess(2);
  }

  public SpeedLayerProcess startSpeedLayerProcess(int taskSlots) {
    SpeedLayerProcess layer = SpeedLayerProcess.start(settings, taskSlots);
    await().atMost(TIMEOUT).until(() -> layer.hasLogged("event=started layer=speed-layer"));
    return layer;
  }

  public void awaitDrainedBy(RunningSpeedLayer layer) {
    await().atMost(TIMEOUT).until(() -> layer.isRunning() && pipeline.isDrainedBy(layer));
  }

  /** Runs a batch command in this JVM, on the shared Spark session. */
  public ExitStatus batch(String... arguments) throws Exception {
    return run(BatchLayerInProcess.batchLayer(), arguments);
  }

  /** Starts a batch command as a separate process. */
  public Process startBatch(Path log, String... arguments) throws IOException {
    return startBatch(log, List.of(), arguments);
  }

  /** Starts a batch command as a separate process that is killed at the fault point. */
  public Process startBatchWithFaultPoint(String faultPoint, Path log, String... arguments)
      throws IOException {
    return startBatch(log, List.of("-Dfoldlog.fault-point=" + faultPoint), arguments);
  }

  /** Starts a batch command as a separate process with further JVM options. */
  public Process startBatch(Path log, List<String> javaOptions, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(List.of(arguments));
    command.addAll(List.of("--settings", settings.toString()));
    return SparkProcess.of(BatchLayer.class, "batch-layer")
        .javaOptions(javaOptions)
        .start(log, command);
  }

  /** The report of the last batch run. */
  public JsonNode newestReport() throws IOException {
    try (Stream<Path> files = Files.list(pipeline.folder().resolve("reports"))) {
      Path newest =
          files
              .filter(file -> file.toString().endsWith(".json"))
              .max(Comparator.comparingLong(file -> file.toFile().lastModified()))
              .orElseThrow();
      return new ObjectMapper().readTree(newest.toFile());
    }
  }

  public void assertThatViewEqualsFoldOfLog() throws Exception {
    assertThat(run(new Verifier(), "--await", "60s")).isEqualTo(ExitStatus.SUCCESS);
  }

  /** Runs the verifier, which reads each difference a second time. */
  public VerificationResult verify() {
    return execute(new Verifier()).result(VerificationResult.class);
  }

  /** Deletes a folder with its content, if it exists. */
  static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** Runs an application in this JVM. Prints its output if it fails. */
  public ExitStatus run(ApplicationCommand application, String... arguments) {
    ApplicationResult result = execute(application, arguments);
    if (!result.isSuccess()) {
      System.out.println(result.output() + result.message());
    }
    return result.status();
  }

  /** Runs an application in this JVM. */
  public ApplicationResult execute(ApplicationCommand application, String... arguments) {
    return ApplicationRunner.run(
        application, Settings.load(Optional.of(settings), Map.of()), arguments);
  }
}
