package io.foldlog.testing.faults;

import static java.util.Collections.max;
import static java.util.Collections.min;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.foldlog.batch.BatchLayerInProcess;
import io.foldlog.contract.TestEventStream;
import io.foldlog.local.servers.CassandraManagement;
import io.foldlog.local.servers.CassandraNode;
import io.foldlog.runtime.ApplicationResult;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.speed.SpeedLayerProcess;
import io.foldlog.speed.TriggerMode;
import io.foldlog.testing.kit.SharedServers;
import io.foldlog.testing.scenarios.Proof;
import io.foldlog.testing.scenarios.TestEnvironment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.function.ObjIntConsumer;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.Producer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A long backlog, and a Cassandra node that accepts far fewer requests than both layers send. */
@Tag("fault")
class OverloadIT {

  private static final int SMALL_BACKLOG = 20_000;
  private static final int BACKLOG = Proof.size("backlog", SMALL_BACKLOG);
  private static final boolean IS_FULL_SIZE = BACKLOG >= 1_000_000;
  private static final int REQUESTS_PER_SECOND = Proof.size("requests-per-second", 200);
  private static final int USERS = 2_000;
  private static final Proof PROOF = Proof.section("60-overload", "Overload");

  @TempDir private static Path server;
  private static CassandraNode cassandra;

  @TempDir private Path folder;

  /** How the node treats requests above its limit. */
  private enum ExcessRequests {
    WAITS(CassandraManagement::limitRequests),
    IS_REFUSED(CassandraManagement::refuseRequestsAbove);

    private final ObjIntConsumer<CassandraManagement> limit;

    ExcessRequests(ObjIntConsumer<CassandraManagement> limit) {
      this.limit = limit;
    }
  }

  @BeforeAll
  static void start() {
    cassandra = CassandraNode.in(server);
    cassandra.start();
    PROOF.addLine(
        "events of %,d users, seed %d, with a Cassandra limited to %d requests/s",
        USERS, Proof.SEED, REQUESTS_PER_SECOND);
  }

  @AfterEach
  void liftLimit() {
    try (CassandraManagement management = cassandra.management()) {
      management.liftLimit();
    }
  }

  @AfterAll
  static void end() {
    cassandra.close();
  }

  static Stream<Arguments> cases() {
    Stream<Arguments> always =
        Stream.of(
            Arguments.of(TriggerMode.CONTINUOUS, ExcessRequests.WAITS, BACKLOG),
            Arguments.of(TriggerMode.CONTINUOUS, ExcessRequests.IS_REFUSED, SMALL_BACKLOG));
    return IS_FULL_SIZE
        ? Stream.concat(
            always,
            Stream.of(
                Arguments.of(TriggerMode.MICRO_BATCH, ExcessRequests.IS_REFUSED, SMALL_BACKLOG)))
        : always;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void shouldWriteUnderRequestLimitAndDrainAfterItIsLifted(
      TriggerMode trigger, ExcessRequests excess, int backlog) throws Exception {
    Duration limitedTime =
        Duration.ofSeconds(backlog == SMALL_BACKLOG ? 20 : IS_FULL_SIZE ? 120 : 40);
    String name = "overload_%s_%s".formatted(trigger, excess).toLowerCase(Locale.ROOT);
    TestEnvironment environment =
        TestEnvironment.on(
            SharedServers.kafka(),
            cassandra,
            folder,
            name,
            "speed-layer.trigger = " + trigger.settingName(),
            "speed-layer.outage-timeout = 10 seconds");
    record(environment, backlog);
    boolean isWithReconcile =
        trigger == TriggerMode.CONTINUOUS
            && (excess == ExcessRequests.IS_REFUSED || backlog > SMALL_BACKLOG);
    if (isWithReconcile) {
      assertThat(environment.batch("archive")).isEqualTo(ExitStatus.SUCCESS);
      assertThat(environment.batch("fold")).isEqualTo(ExitStatus.SUCCESS);
    }

    try (CassandraManagement management = cassandra.management();
        SpeedLayerProcess layer = startUnderLimit(management, excess, environment);
        ProcessMemory memory = ProcessMemory.of(layer.pid())) {
      await()
          .atMost(TestEnvironment.TIMEOUT)
          .until(
              () -> layer.hasLogged("started") && written(environment) > 2L * REQUESTS_PER_SECOND);
      long before = written(environment);
      long start = System.nanoTime();
      CompletableFuture<String> reconcileResult =
          isWithReconcile ? reconcile(environment) : CompletableFuture.completedFuture("");
      long inFlight = 0;
      while (System.nanoTime() - start < limitedTime.toNanos()) {
        memory.sample();
        JsonNode status = environment.pipeline().status();
        assertThat(layer.isRunning()).as(layer::output).isTrue();
        inFlight = Math.max(inFlight, status.path("in").asLong() - status.path("written").asLong());
        await().pollDelay(Duration.ofSeconds(2)).until(() -> true);
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      long writtenUnderLimit = written(environment) - before;
      long retried = environment.pipeline().status().path("retried").asLong();
      boolean isReconciledUnderLimit = reconcileResult.isDone();
      management.liftLimit();
      long lifted = System.nanoTime();
      await()
          .atMost(TestEnvironment.TIMEOUT.plus(Duration.ofMillis(backlog)))
          .until(() -> layer.isRunning() && environment.pipeline().isDrainedBy(layer.pid()));
      double drained = (System.nanoTime() - lifted) / 1e9;

      PROOF.addLine(
          "%s, what is above the limit %s, a backlog of %,d: in %.0f s %,d events (%.0f/s, %.1f %% of the backlog) written under the limit, %,d writes retried; then the rest in %.0f s",
          trigger.settingName(),
          excess.name().toLowerCase(Locale.ROOT).replace('_', ' '),
          backlog,
          seconds,
          writtenUnderLimit,
          writtenUnderLimit / seconds,
          100.0 * writtenUnderLimit / backlog,
          retried,
          drained);
      PROOF.addLine(
          "memory of the speed layer: heap after collections %s MiB of %d, resident %s MiB; at most %d events read and not yet acknowledged",
          memory.usedHeap(), memory.heapLimit(), memory.resident(), inFlight);
      if (isWithReconcile) {
        PROOF.addLine(
            "a concurrent full reconcile, started under the limit and ended %s: %s",
            isReconciledUnderLimit ? "under it" : "after it", reconcileResult.join());
        assertThat(reconcileResult.join())
            .satisfiesAnyOf(
                end -> assertThat(end).isEqualTo("done"),
                end -> assertThat(end).startsWith("UNAVAILABLE: Cassandra"));
        assertThat(environment.batch("reconcile", "--scope", "full")).isEqualTo(ExitStatus.SUCCESS);
      }
      assertThat(writtenUnderLimit / seconds)
          .isGreaterThan((isWithReconcile ? 0.25 : 0.5) * REQUESTS_PER_SECOND);
      assertThat(inFlight).isLessThanOrEqualTo(1024);
      assertThat(max(memory.usedHeap()) - min(memory.usedHeap())).isLessThan(64);
      assertThat(layer.isRunning()).as(layer::output).isTrue();
      assertThat(layer.output()).doesNotContain("ERROR");
    }
    assertThat(environment.pipeline().deadLetters()).isEmpty();
    environment.assertThatViewEqualsFoldOfLog();
  }

  private static SpeedLayerProcess startUnderLimit(
      CassandraManagement management, ExcessRequests excess, TestEnvironment environment) {
    excess.limit.accept(management, REQUESTS_PER_SECOND);
    return environment.startSpeedLayerProcess();
  }

  /** Returns {@code done}, or the exit status and message of a failed reconcile. */
  private static CompletableFuture<String> reconcile(TestEnvironment environment) {
    return CompletableFuture.supplyAsync(
        () -> {
          ApplicationResult result =
              environment.execute(BatchLayerInProcess.batchLayer(), "reconcile", "--scope", "full");
          assertThat(result.status()).isNotEqualTo(ExitStatus.INTERNAL_ERROR);
          return result.isSuccess() ? "done" : result.status() + ": " + result.message();
        });
  }

  private static void record(TestEnvironment environment, int backlog) {
    TestEventStream events = new TestEventStream(Proof.SEED, USERS);
    try (Producer<byte[], byte[]> producer = environment.pipeline().producer()) {
      for (int event = 0; event < backlog; event++) {
        producer.send(environment.pipeline().record(events.next()));
      }
    }
  }

  private static long written(TestEnvironment environment) throws Exception {
    return environment.pipeline().status().path("written").asLong();
  }
}
