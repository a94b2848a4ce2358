package io.foldlog.testing.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.datastax.oss.driver.api.core.CqlSession;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foldlog.batch.BatchEnvironment;
import io.foldlog.batch.BatchLayer;
import io.foldlog.batch.BatchLayerInProcess;
import io.foldlog.batch.faultpoint.FaultPoints;
import io.foldlog.contract.PipelineException;
import io.foldlog.contract.UserEvent;
import io.foldlog.local.servers.CassandraManagement;
import io.foldlog.runtime.ApplicationResult;
import io.foldlog.speed.RunningSpeedLayer;
import io.foldlog.testing.kit.SharedServers;
import io.foldlog.view.TestView;
import io.foldlog.view.ViewRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The pipeline of the stories: its servers, its speed layer, and a session with all rights. */
final class StoryEnvironment implements AutoCloseable {

  private static final String TABLE = "created_users";

  private final TestEnvironment environment;
  private final Path folder;
  private final CqlSession operator;
  private final Set<Path> readReports = new HashSet<>();
  private RunningSpeedLayer layer;

  private StoryEnvironment(TestEnvironment environment, Path folder) {
    this.environment = environment;
    this.folder = folder;
    this.operator = environment.pipeline().view().session(TestView.ADMIN);
    addColumnsAndOptions();
    this.layer = environment.startSpeedLayer();
  }

  /** There is one token range, so that each run examines all users. */
  static StoryEnvironment in(Path folder) throws Exception {
    return new StoryEnvironment(
        TestEnvironment.in(
            folder, "stories", "batch-layer { token-ranges = 1, shuffle-partitions = 1 }"),
        folder);
  }

  /** What an operator may add to the table. No read or write of the pipeline may depend on it. */
  private void addColumnsAndOptions() {
    String keyspace = environment.pipeline().keyspace();
    operator.execute("CREATE TYPE %s.note (text text, tags set<text>)".formatted(keyspace));
    operator.execute(
        """
        ALTER TABLE %s.%s ADD (labels set<text>, scores map<text, int>, notes list<frozen<note>>,
          pair tuple<int, text>, embedding vector<float, 3>, spell duration, address_of inet)"""
            .formatted(keyspace, TABLE));
    operator.execute(
        "ALTER TABLE %s.%s WITH compaction = {'class': 'LeveledCompactionStrategy'} AND cdc = true"
            .formatted(keyspace, TABLE));
    operator.execute("CREATE INDEX ON %s.%s (city)".formatted(keyspace, TABLE));
  }

  /** Records events and waits until the speed layer has written them. */
  void record(List<UserEvent> events) {
    if (!events.isEmpty()) {
      environment.record(events.toArray(UserEvent[]::new));
      environment.awaitDrainedBy(layer);
    }
  }

  /** Runs an operator step: CQL, or one of three named steps. */
  void damage(Story story, String step) throws IOException {
    switch (step) {
      case "compact the table" -> compact();
      case "empty the lake" -> TestEnvironment.delete(environment.lake());
      case "restart the speed layer without its checkpoint" -> restartWithoutCheckpoint();
      default ->
          operator.execute(
              OperatorStep.statement(story, step, environment.pipeline().keyspace() + "." + TABLE));
    }
  }

  /** Waits for the next second first: a compaction purges only tombstones of earlier seconds. */
  private void compact() {
    long second = Instant.now().getEpochSecond();
    await().until(() -> Instant.now().getEpochSecond() > second + 1);
    try (CassandraManagement node = SharedServers.cassandra().management()) {
      node.flushAndCompact(environment.pipeline().keyspace(), TABLE);
    }
  }

  private void restartWithoutCheckpoint() throws IOException {
    layer.close();
    TestEnvironment.delete(environment.pipeline().checkpoint());
    layer = environment.startSpeedLayer();
    environment.awaitDrainedBy(layer);
  }

  Map<UUID, ViewRow> rows() {
    return environment.pipeline().view().rows(operator);
  }

  ViewSnapshot snapshot() {
    return new ViewSnapshot(ViewSnapshot.now(), rows());
  }

  /** Runs the batch layer. Its status and message must be those that the story expects. */
  void run(Story.Run run) throws Exception {
    Result result;
    if (run.haltsAt().isPresent()) {
      result = runUntilHalt(run, run.haltsAt().get());
    } else if (run.failsAt().isPresent()) {
      result =
          runInProcess(
              run,
              BatchLayerInProcess.environment().withFaultPoints(failingAt(run.failsAt().get())));
    } else if (run.pausesAt().isPresent()) {
      result = runWithPause(run);
    } else {
      result = runInProcess(run, BatchLayerInProcess.environment());
    }
    checkResult(run, result);
  }

  private static void checkResult(Story.Run run, Result result) {
    assertThat(result.status()).as(run.command() + ": " + result.message()).isEqualTo(run.status());
    assertThat(result.message()).contains(run.message());
  }

  private record Result(int status, String message) {}

  private Result runInProcess(Story.Run run, BatchEnvironment batch) {
    ApplicationResult result =
        environment.execute(new BatchLayer(batch), run.command().toArray(String[]::new));
    return new Result(result.status().code(), result.message());
  }

  private static FaultPoints failingAt(String faultPoint) {
    return name -> {
      if (name.equals(faultPoint)) {
        throw PipelineException.unavailable("No server answers at " + faultPoint, null);
      }
    };
  }

  private Result runUntilHalt(Story.Run run, String faultPoint) throws Exception {
    Path output = Files.createTempFile(folder, "batch-layer", ".log");
    Process process =
        environment.startBatchWithFaultPoint(
            faultPoint, output, run.command().toArray(String[]::new));
    try {
      assertThat(process.waitFor(TestEnvironment.TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      return new Result(process.exitValue(), Files.readString(output));
    } finally {
      process.destroyForcibly();
    }
  }

  private Result runWithPause(Story.Run run) throws Exception {
    Path paused = folder.resolve("paused");
    BatchEnvironment pausing =
        BatchLayerInProcess.environment()
            .withFaultPoints(FaultPoints.pausingAt(run.pausesAt().orElseThrow(), paused));
    CompletableFuture<Result> running =
        CompletableFuture.supplyAsync(() -> runInProcess(run, pausing));
    try {
      await().atMost(TestEnvironment.TIMEOUT).until(() -> running.isDone() || Files.exists(paused));
      assertThat(paused).exists();
      record(run.meanwhile().events());
      for (Story.Run other : run.meanwhile().runs()) {
        checkResult(other, runInProcess(other, BatchLayerInProcess.environment()));
      }
    } finally {
      Files.deleteIfExists(paused);
    }
    return running.get(TestEnvironment.TIMEOUT.toSeconds(), TimeUnit.SECONDS);
  }

  /** The reconcile sections of the reports that are new since the last call. */
  List<JsonNode> newReports() throws IOException {
    List<JsonNode> reports = new ArrayList<>();
    try (Stream<Path> files = Files.list(environment.pipeline().folder().resolve("reports"))) {
      for (Path file : files.sorted().toList()) {
        if (readReports.add(file)) {
          reports.add(new ObjectMapper().readTree(file.toFile()).path("reconcile"));
        }
      }
    }
    return reports;
  }

  void assertThatViewEqualsFoldOfLog() throws Exception {
    environment.assertThatViewEqualsFoldOfLog();
  }

  @Override
  public void close() {
    layer.close();
    operator.close();
  }
}
