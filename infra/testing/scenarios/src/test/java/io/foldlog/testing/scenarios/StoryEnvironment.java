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
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Where stories happen: a pipeline, its speed layer, and an operator who may do anything to it. */
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
    this.layer = environment.startSpeedLayer();
  }

  /** One slice is the whole ring, so that each run looks at everybody. */
  static StoryEnvironment in(Path folder) throws Exception {
    return new StoryEnvironment(
        TestEnvironment.in(
            folder, "stories", "batch-layer { token-ranges = 1, shuffle-partitions = 1 }"),
        folder);
  }

  /** Records events, and returns when the speed layer has written them. */
  void happen(List<UserEvent> events) {
    if (!events.isEmpty()) {
      environment.record(events.toArray(UserEvent[]::new));
      environment.awaitDrainedBy(layer);
    }
  }

  /** Does what a story's line says: CQL, or one of three other things. */
  void damage(Story story, String step) {
    switch (step) {
      case "compact the table" -> compact();
      case "empty the lake" -> delete(environment.pipeline().folder().resolve("lake"));
      case "start the speed layer anew" -> startAnew();
      default ->
          operator.execute(
              OperatorStep.statement(story, step, environment.pipeline().keyspace() + "." + TABLE));
    }
  }

  /** Only a tombstone of an earlier second can go with it. */
  private void compact() {
    long second = Instant.now().getEpochSecond();
    await().until(() -> Instant.now().getEpochSecond() > second + 1);
    try (CassandraManagement node = SharedServers.cassandra().management()) {
      node.flushAndCompact(environment.pipeline().keyspace(), TABLE);
    }
  }

  private void startAnew() {
    layer.close();
    delete(environment.pipeline().checkpoint());
    layer = environment.startSpeedLayer();
    environment.awaitDrainedBy(layer);
  }

  Map<UUID, ViewRow> rows() {
    return environment.pipeline().view().rows(operator);
  }

  /** The instant of now. */
  ViewSnapshot snapshot() {
    return new ViewSnapshot(ViewSnapshot.now(), rows());
  }

  /** Runs the batch layer, which has to end as told. */
  void run(Story.Run run) throws Exception {
    Ended ended;
    if (run.diesAt().isPresent()) {
      ended = runAndDie(run, run.diesAt().get());
    } else if (run.failsAt().isPresent()) {
      ended =
          runHere(
              run,
              BatchLayerInProcess.environment().withFaultPoints(failingAt(run.failsAt().get())));
    } else if (run.pausesAt().isPresent()) {
      ended = runWithPause(run);
    } else {
      ended = runHere(run, BatchLayerInProcess.environment());
    }
    requireAsTold(run, ended);
  }

  private static void requireAsTold(Story.Run run, Ended ended) {
    assertThat(ended.status()).as(run.command() + ": " + ended.said()).isEqualTo(run.status());
    assertThat(ended.said()).contains(run.says());
  }

  private record Ended(int status, String said) {}

  private Ended runHere(Story.Run run, BatchEnvironment batch) {
    ApplicationResult result =
        environment.execute(new BatchLayer(batch), run.command().toArray(String[]::new));
    return new Ended(result.status().code(), result.message());
  }

  private static FaultPoints failingAt(String place) {
    return name -> {
      if (name.equals(place)) {
        throw PipelineException.unavailable("No server answers at " + place, null);
      }
    };
  }

  private Ended runAndDie(Story.Run run, String place) throws Exception {
    Path output = Files.createTempFile(folder, "batch-layer", ".log");
    Process process =
        environment.startBatchUpTo(place, output, run.command().toArray(String[]::new));
    try {
      assertThat(process.waitFor(TestEnvironment.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      return new Ended(process.exitValue(), Files.readString(output));
    } finally {
      process.destroyForcibly();
    }
  }

  private Ended runWithPause(Story.Run run) throws Exception {
    Path paused = folder.resolve("paused");
    BatchEnvironment pausing =
        BatchLayerInProcess.environment()
            .withFaultPoints(FaultPoints.pausingAt(run.pausesAt().orElseThrow(), paused));
    CompletableFuture<Ended> running = CompletableFuture.supplyAsync(() -> runHere(run, pausing));
    try {
      await().atMost(TestEnvironment.LIMIT).until(() -> running.isDone() || Files.exists(paused));
      assertThat(paused).exists();
      happen(run.meanwhile().events());
      for (Story.Run other : run.meanwhile().runs()) {
        requireAsTold(other, runHere(other, BatchLayerInProcess.environment()));
      }
    } finally {
      Files.deleteIfExists(paused);
    }
    return running.get(TestEnvironment.LIMIT.toSeconds(), TimeUnit.SECONDS);
  }

  /** What the reconciles said that have ended since this was last asked. */
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

  void assertThatTheViewEqualsTheFoldOfTheLog() throws Exception {
    environment.assertThatTheViewEqualsTheFoldOfTheLog();
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  @Override
  public void close() {
    layer.close();
    operator.close();
  }
}
