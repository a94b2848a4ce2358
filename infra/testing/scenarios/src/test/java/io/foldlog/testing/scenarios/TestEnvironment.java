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

/** A log, a view and a lake of a test's own, and the applications to run on them. */
public final class TestEnvironment {

  public static final Duration LIMIT = Duration.ofMinutes(3);

  private final TestPipeline pipeline;
  private final List<String> lines;
  private final Path settings;

  private TestEnvironment(TestPipeline pipeline, List<String> lines) {
    this.pipeline = pipeline;
    this.lines = List.copyOf(lines);
    this.settings = pipeline.settings(lines.toArray(String[]::new));
  }

  /** On the shared servers. */
  public static TestEnvironment in(Path folder, String name, String... overrides) throws Exception {
    return on(SharedServers.kafka(), SharedServers.cassandra(), folder, name, overrides);
  }

  /** On servers of the test's own. */
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

  /** The same log, view and lake under further settings. */
  public TestEnvironment with(String... overrides) {
    List<String> all = new ArrayList<>(lines);
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

  /** Whether anything was ever folded. */
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

  /** Records a value as it is, without a key. */
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

  /** The same by other rules. */
  public RunningSpeedLayer startSpeedLayer(Function<CreateTime, DecodeRules> rules) {
    RunningSpeedLayer layer =
        SpeedLayerInProcess.start(
            settings,
            new SpeedLayer(SparkSessionSource.shared(BatchLayerInProcess.spark()), rules));
    await().atMost(LIMIT).until(layer::hasStarted);
    return layer;
  }

  /** Starts the speed layer as a process of its own. */
  public SpeedLayerProcess startSpeedLayerProcess() {
    return startSpeedLayerProcess(2);
  }

  public SpeedLayerProcess startSpeedLayerProcess(int taskSlots) {
    SpeedLayerProcess layer = SpeedLayerProcess.start(settings, taskSlots);
    await().atMost(LIMIT).until(() -> layer.hasSaid("event=started layer=speed-layer"));
    return layer;
  }

  public void awaitDrainedBy(RunningSpeedLayer layer) {
    await().atMost(LIMIT).until(() -> layer.isRunning() && pipeline.isDrainedBy(layer));
  }

  /** Runs a step of the batch layer in this JVM, on its one Spark. */
  public ExitStatus batch(String... arguments) throws Exception {
    return run(BatchLayerInProcess.batchLayer(), arguments);
  }

  /** Starts a step of the batch layer as a process of its own. */
  public Process startBatch(Path log, String... arguments) throws IOException {
    return startBatch(log, List.of(), arguments);
  }

  /** The same; the process ends at the fault point. */
  public Process startBatchUpTo(String faultPoint, Path log, String... arguments)
      throws IOException {
    return startBatch(log, List.of("-Dfoldlog.fault-point=" + faultPoint), arguments);
  }

  /** The same, with options of Java, which may name a fault point. */
  public Process startBatch(Path log, List<String> javaOptions, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(List.of(arguments));
    command.addAll(List.of("--settings", settings.toString()));
    return SparkProcess.of(BatchLayer.class, "batch-layer")
        .javaOptions(javaOptions)
        .start(log, command);
  }

  /** What the last run of the batch layer said of itself. */
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

  public void assertThatTheViewEqualsTheFoldOfTheLog() throws Exception {
    assertThat(run(new Verifier(), "--await", "60s")).isEqualTo(ExitStatus.SUCCESS);
  }

  /** What the verifier finds, once it has looked twice. */
  public VerificationResult verify() {
    return execute(new Verifier()).result(VerificationResult.class);
  }

  /** Runs an application in this JVM, by its arguments; its status. */
  public ExitStatus run(ApplicationCommand application, String... arguments) {
    ApplicationResult result = execute(application, arguments);
    if (!result.isSuccess()) {
      System.out.println(result.output() + result.message());
    }
    return result.status();
  }

  /** Runs an application in this JVM, by its arguments. */
  public ApplicationResult execute(ApplicationCommand application, String... arguments) {
    return ApplicationRunner.run(
        application, Settings.load(Optional.of(settings), Map.of()), arguments);
  }
}
