package io.foldlog.scenarios;

import static java.util.Collections.max;
import static java.util.Collections.min;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.foldlog.application.ExitStatus;
import io.foldlog.contract.PipelineException;
import io.foldlog.local.servers.CassandraManagement;
import io.foldlog.local.servers.CassandraNode;
import io.foldlog.local.servers.SharedServers;
import io.foldlog.speed.SpeedLayerProcess;
import io.foldlog.speed.TriggerMode;
import io.foldlog.speed.UserEvents;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.function.ObjIntConsumer;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.Producer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A long backlog before a Cassandra that takes far less than both layers want to write. */
class OverloadIT {

  private static final int SMALL = 20_000;
  private static final int BACKLOG = Proof.size("backlog", SMALL);
  private static final int PER_SECOND = Proof.size("requests-per-second", 200);
  private static final Duration LIMITED =
      Duration.ofSeconds(Proof.size("limited-seconds", BACKLOG > SMALL ? 120 : 20));
  private static final int USERS = 2_000;
  private static final Proof PROOF = Proof.section("60-overload", "Overload");

  @TempDir private static Path server;
  private static CassandraNode cassandra;

  @TempDir private Path folder;

  /** What the node does with a request above its limit. */
  private enum Above {
    WAITS(CassandraManagement::limitRequests),
    IS_REFUSED(CassandraManagement::refuseRequestsAbove);

    private final ObjIntConsumer<CassandraManagement> limit;

    Above(ObjIntConsumer<CassandraManagement> limit) {
      this.limit = limit;
    }
  }

  @BeforeAll
  static void start() {
    cassandra = CassandraNode.in(server);
    cassandra.start();
    PROOF.say(
        "%,d events of %,d users, seed %d; Cassandra takes %d requests/s for %d s",
        BACKLOG, USERS, Proof.SEED, PER_SECOND, LIMITED.toSeconds());
  }

  @AfterAll
  static void end() {
    cassandra.close();
  }

  static Stream<Object[]> cases() {
    List<Object[]> cases = new ArrayList<>();
    cases.add(new Object[] {TriggerMode.CONTINUOUS, Above.WAITS});
    cases.add(new Object[] {TriggerMode.CONTINUOUS, Above.IS_REFUSED});
    if (BACKLOG > SMALL) {
      cases.add(new Object[] {TriggerMode.MICRO_BATCH, Above.IS_REFUSED});
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void shouldRideOutALimitAndDrainOnceItIsLifted(TriggerMode trigger, Above above)
      throws Exception {
    String name = "overload_%s_%s".formatted(trigger, above).toLowerCase(Locale.ROOT);
    Pipeline pipeline =
        Pipeline.on(
            SharedServers.kafka(),
            cassandra,
            folder,
            name,
            "speed-layer.trigger = " + trigger.settingName(),
            "speed-layer.outage-limit = 10 seconds");
    record(pipeline);
    boolean batch = above == Above.IS_REFUSED || BACKLOG > SMALL;
    if (batch) {
      assertThat(pipeline.batch("archive")).isEqualTo(ExitStatus.DONE);
      assertThat(pipeline.batch("fold")).isEqualTo(ExitStatus.DONE);
    }

    try (CassandraManagement management = cassandra.management();
        SpeedLayerProcess layer = limited(management, above, pipeline);
        ProcessMemory memory = ProcessMemory.of(layer.pid())) {
      await()
          .atMost(Pipeline.LIMIT)
          .until(() -> layer.hasSaid("started") && written(pipeline) > 2L * PER_SECOND);
      long before = written(pipeline);
      long start = System.nanoTime();
      CompletableFuture<String> reconciled =
          batch ? reconcile(pipeline) : CompletableFuture.completedFuture("");
      long inFlight = 0;
      while (System.nanoTime() - start < LIMITED.toNanos()) {
        memory.sample();
        JsonNode status = pipeline.stage().status();
        assertThat(layer.isRunning()).as(layer::output).isTrue();
        inFlight = Math.max(inFlight, status.path("in").asLong() - status.path("written").asLong());
        await().pollDelay(Duration.ofSeconds(2)).until(() -> true);
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      long under = written(pipeline) - before;
      long retried = pipeline.stage().status().path("retried").asLong();
      boolean reconciledUnderTheLimit = reconciled.isDone();
      management.liftLimit();
      long lifted = System.nanoTime();
      pipeline.awaitDrainedBy(layer);
      double drained = (System.nanoTime() - lifted) / 1e9;

      PROOF.say(
          "%s, what is above the limit %s: %,d events (%.0f/s, %.1f %% of the backlog) written under the limit, %,d writes repeated; after it the rest in %.0f s",
          trigger.settingName(),
          above.name().toLowerCase(Locale.ROOT).replace('_', ' '),
          under,
          under / seconds,
          100.0 * under / BACKLOG,
          retried,
          drained);
      PROOF.say(
          "memory of the speed layer: heap after collections %s MiB of %d, resident %s MiB; at most %d events read and not yet acknowledged",
          memory.live(), memory.heapLimit(), memory.resident(), inFlight);
      if (batch) {
        PROOF.say(
            "a full reconcile beside it, begun under the limit and ended %s: %s",
            reconciledUnderTheLimit ? "under it" : "after it", reconciled.join());
        assertThat(reconciled.join())
            .satisfiesAnyOf(
                end -> assertThat(end).isEqualTo("done"),
                end -> assertThat(end).startsWith("UNAVAILABLE: Cassandra"));
        assertThat(pipeline.batch("reconcile", "--scope", "full")).isEqualTo(ExitStatus.DONE);
      }
      assertThat(under / seconds).isGreaterThan(0.2 * PER_SECOND);
      assertThat(inFlight).isLessThanOrEqualTo(1024);
      assertThat(max(memory.live()) - min(memory.live())).isLessThan(64);
      assertThat(layer.terminate()).as(layer::output).isEqualTo(143);
      assertThat(layer.output()).doesNotContain("ERROR");
    }
    assertThat(pipeline.stage().deadLetters()).isEmpty();
    pipeline.assertThatTheViewEqualsTheFoldOfTheLog();
  }

  private static SpeedLayerProcess limited(
      CassandraManagement management, Above above, Pipeline pipeline) {
    above.limit.accept(management, PER_SECOND);
    return pipeline.startSpeedLayer();
  }

  /** The end of a reconcile: done, or the sentence of a failure that it could foresee. */
  private static CompletableFuture<String> reconcile(Pipeline pipeline) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            assertThat(pipeline.batch("reconcile", "--scope", "full")).isEqualTo(ExitStatus.DONE);
            return "done";
          } catch (PipelineException foreseen) {
            return foreseen.kind() + ": " + foreseen.getMessage();
          } catch (Exception failure) {
            throw new IllegalStateException(failure);
          }
        });
  }

  private static void record(Pipeline pipeline) {
    UserEvents events = new UserEvents(Proof.SEED, USERS);
    try (Producer<byte[], byte[]> producer = pipeline.stage().producer()) {
      for (int event = 0; event < BACKLOG; event++) {
        producer.send(pipeline.stage().record(events.next()));
      }
    }
  }

  private static long written(Pipeline pipeline) throws Exception {
    return pipeline.stage().status().path("written").asLong();
  }
}
