package io.foldlog.testing.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.datastax.oss.driver.api.core.CqlSession;
import com.fasterxml.jackson.databind.JsonNode;
import io.foldlog.admin.verify.LogFold;
import io.foldlog.admin.verify.Verification;
import io.foldlog.admin.verify.VerificationResult;
import io.foldlog.batch.BatchLayerInProcess;
import io.foldlog.batch.lake.Lake;
import io.foldlog.contract.DecodeRules;
import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.UserState;
import io.foldlog.local.servers.CassandraNode;
import io.foldlog.local.servers.KafkaNode;
import io.foldlog.log.DeadLetter;
import io.foldlog.log.EventTopic;
import io.foldlog.log.LogRecord;
import io.foldlog.log.RecordId;
import io.foldlog.producer.Producer;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.speed.TestPipeline;
import io.foldlog.testing.faults.Fault.FaultAction;
import io.foldlog.testing.faults.Fault.FaultType;
import io.foldlog.testing.faults.Fault.Role;
import io.foldlog.testing.faults.FaultPlan.BatchPoint;
import io.foldlog.testing.faults.ProducerTarget.Again;
import io.foldlog.testing.scenarios.Proof;
import io.foldlog.testing.scenarios.TestEnvironment;
import io.foldlog.view.RepairedUsers;
import io.foldlog.view.TestView;
import io.foldlog.view.UserViewReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * All of the pipeline on servers of its own, to be hit: one log, and of each trigger a speed layer
 * with a view and dead letters of its own; a producer and what records no events run while faults
 * happen. Whatever was hit is brought back after each fault, the load ends, and all that the layers
 * keep is held against the log.
 */
final class CrashSite implements AutoCloseable {

  private static final int LEAST_RATE = 40;
  private static final List<Integer> RATES = List.of(LEAST_RATE, 120, 240);
  private static final String OUTAGE = "speed-layer.outage-timeout = 100 seconds";

  /** Batches as soon as can be would take most of a processor. */
  private static final String CALM = "speed-layer.batch-interval = 1 second";

  private final Path folder;
  private final Random random;
  private final KafkaNode kafka;
  private final CassandraNode cassandra;
  private final TestEnvironment environment;
  private final EventTopic log;
  private final LogAudit audit;
  private final LogFold fold;
  private final Set<String> damaged = new HashSet<>();
  private final Map<Role, FaultTarget> targets = new EnumMap<>(Role.class);

  CrashSite(Path folder, Random random) throws Exception {
    this.folder = folder;
    this.random = random;
    kafka = KafkaNode.in(folder.resolve("kafka"));
    cassandra = CassandraNode.in(folder.resolve("cassandra"));
    targets.put(Role.KAFKA, new ServerTarget(kafka));
    targets.put(Role.CASSANDRA, new ServerTarget(cassandra));
    kafka.start();
    cassandra.start();
    Path own = Files.createDirectory(folder.resolve("continuous"));
    environment = TestEnvironment.on(kafka, cassandra, own, "crash_continuous", OUTAGE);
    TestPipeline pipeline = environment.pipeline();
    targets.put(Role.CONTINUOUS, new SpeedLayerTarget(pipeline, environment.settings()));
    TestPipeline beside =
        pipeline.beside(Files.createDirectory(folder.resolve("micro-batch")), "crash_micro_batch");
    targets.put(
        Role.MICRO_BATCH,
        new SpeedLayerTarget(
            beside, beside.settings("speed-layer.trigger = micro-batch", CALM, OUTAGE)));
    log = pipeline.log();
    audit = new LogAudit(log);
    fold = new LogFold(log, DecodeRules.current(EventDecoder.CreateTime.REJECT));
  }

  /**
   * Lets a fault happen under load, brings everything back and holds it against the log.
   *
   * @return what was done and compared
   */
  String inject(int number, Fault fault) throws Exception {
    int perSecond = fault.hits(Role.BATCH) ? LEAST_RATE : RATES.get(random.nextInt(RATES.size()));
    Again again = fault.actions().size() == 1 ? Again.RETRIES : Again.BEGINS_ANOTHER_RUN;
    ProducerTarget producer =
        new ProducerTarget(
            folder,
            environment.settings(),
            "seed-%d-fault-%d".formatted(Proof.SEED, number),
            perSecond,
            again);
    targets.put(Role.PRODUCER, producer);
    damaged.clear();
    List<RecordId> noEvents;
    try (InvalidRecordProducer others =
        new InvalidRecordProducer(
            environment.pipeline(), audit.end().topicId(), Proof.SEED + number)) {
      producer.awaitAcknowledgements();
      layers().forEach(SpeedLayerTarget::awaitWriting);
      if (fault.hits(Role.BATCH)) {
        targets.put(Role.BATCH, batch(number, fault));
      }
      pause(0, 2_000);
      Set<Role> killed = EnumSet.noneOf(Role.class);
      for (FaultAction action : fault.actions()) {
        if (killed.contains(action.role())) {
          recover(action.role());
        }
        hit(action);
        if (action.type() == FaultType.KILL) {
          killed.add(action.role());
        }
      }
      bringBack(fault);
      producer.awaitAcknowledgements();
      producer.end();
      noEvents = others.end();
    }
    String judged = judge(fault, producer.accounts(), noEvents);
    return "load=%d/s %s".formatted(perSecond, judged);
  }

  /** A batch process in the midst of the step, with something to do in it. */
  private BatchTarget batch(int number, Fault fault) throws Exception {
    BatchPoint point =
        FaultPlan.BATCH_POINTS.stream()
            .filter(each -> fault.cutOffs().contains(each.name()))
            .findFirst()
            .orElseGet(
                () -> FaultPlan.BATCH_POINTS.get(random.nextInt(FaultPlan.BATCH_POINTS.size())));
    switch (point.step()) {
      case "archive" -> {}
      case "fold" -> runBatch("archive");
      default -> {
        if (!environment.hasFolded()) {
          runBatch("archive");
          runBatch("fold");
        }
        damage(number);
      }
    }
    BatchTarget batch =
        new BatchTarget(
            environment,
            folder.resolve("batch-%d.log".formatted(number)),
            command(point.step()),
            point.step(),
            fault.cutOffs());
    batch.awaitStep();
    return batch;
  }

  /** Of everybody, so that the damage is found whatever has changed since. */
  private static List<String> command(String step) {
    return step.equals("reconcile") ? List.of(step, "--scope", "full") : List.of(step);
  }

  private void hit(FaultAction action) {
    if (action.type() == FaultType.KILL) {
      targets.get(action.role()).kill();
      pause(0, 500);
    } else {
      targets.get(action.role()).freeze();
      pause(500, 4_000);
    }
  }

  /** Starts it again for a while; the batch process ends by itself. */
  private void recover(Role role) throws Exception {
    targets.get(role).start();
    if (role != Role.BATCH) {
      pause(0, 6_000);
    }
  }

  private void bringBack(Fault fault) throws Exception {
    for (Role role : Role.values()) {
      if (fault.hits(role) && role != Role.BATCH) {
        if (fault.kills(role)) {
          targets.get(role).start();
        } else {
          targets.get(role).thaw();
        }
      }
    }
    if (fault.hits(Role.BATCH) && !fault.kills(Role.BATCH)) {
      BatchTarget batch = (BatchTarget) targets.get(Role.BATCH);
      batch.thaw();
      assertThat(batch.status()).as(batch::said).isZero();
    }
  }

  private String judge(Fault fault, List<Path> accounts, List<RecordId> noEvents) throws Exception {
    boolean batchIsHit = fault.hits(Role.BATCH);
    long ended = System.nanoTime();
    audit.advance();
    if (!batchIsHit) {
      runBatch("archive");
      askLake(audit::assertThatTheArchiveEqualsTheLog);
    }
    for (SpeedLayerTarget layer : layers()) {
      layer.awaitWritten(audit.end());
    }
    Duration drained = Duration.ofNanos(System.nanoTime() - ended);
    if (batchIsHit) {
      runBatch("nightly", "--scope", "full");
      assertThatOnlyDamageWasFound();
    }
    List<String> verdicts = new ArrayList<>();
    for (SpeedLayerTarget layer : layers()) {
      VerificationResult verdict = verdict(layer.pipeline());
      assertThat(verdict.isEqual())
          .as(() -> layer.pipeline().keyspace() + ": " + verdict.text())
          .isTrue();
      audit.assertThatTheRejectedAreIn(
          "the dead letters of " + layer.pipeline().keyspace(),
          layer.pipeline().deadLetters().stream()
              .map(DeadLetter::record)
              .map(LogRecord::id)
              .collect(Collectors.toSet()));
      verdicts.add("rows=" + verdict.rows());
    }
    if (batchIsHit) {
      askLake(
          lake -> {
            audit.assertThatTheArchiveEqualsTheLog(lake);
            audit.assertThatTheFoldedTablesEqualTheFold(lake, fold.users());
          });
    }
    for (Path account : accounts) {
      assertThat(environment.run(new Producer(), "verify-acks", account.toString()))
          .isEqualTo(ExitStatus.SUCCESS);
    }
    assertThat(audit.rejected().containsAll(noEvents)).as("what is no event is rejected").isTrue();
    return "log=%d (+%d) dead-letters=%d (+%d) %s drained=%.1fs judged=%.1fs"
            .formatted(
                audit.end().sum(),
                audit.freshRecords(),
                audit.rejected().size(),
                noEvents.size(),
                String.join("/", verdicts),
                drained.toMillis() / 1e3,
                Duration.ofNanos(System.nanoTime() - ended).minus(drained).toMillis() / 1e3)
        + layers().stream()
            .filter(layer -> layer.startedAgain() > 0)
            .map(
                layer ->
                    ", the layer of %s has ended in an outage %d times so far"
                        .formatted(layer.pipeline().keyspace(), layer.startedAgain()))
            .collect(Collectors.joining());
  }

  /** Else the reconcile would have cured what a speed layer lost, before it is judged. */
  private void assertThatOnlyDamageWasFound() throws IOException {
    Set<String> found = new HashSet<>();
    JsonNode report = environment.newestReport().path("reconcile");
    report.path("details").forEach(each -> found.add(each.path("user").asText()));
    assertThat(damaged).as(report.toPrettyString()).containsAll(found);
  }

  private List<SpeedLayerTarget> layers() {
    return List.of(
        (SpeedLayerTarget) targets.get(Role.CONTINUOUS),
        (SpeedLayerTarget) targets.get(Role.MICRO_BATCH));
  }

  private VerificationResult verdict(TestPipeline pipeline) throws InterruptedException {
    try (CqlSession session = pipeline.view().session(TestView.READER)) {
      return new Verification(
              fold,
              UserViewReader.over(session, pipeline.keyspace()),
              new RepairedUsers(session, pipeline.keyspace()))
          .run(Duration.ZERO, duration -> true);
    }
  }

  private void runBatch(String... arguments) throws Exception {
    assertThat(environment.batch(arguments)).isEqualTo(ExitStatus.SUCCESS);
  }

  private void askLake(Consumer<Lake> question) {
    question.accept(new Lake(BatchLayerInProcess.spark(), environment.lake().toString()));
  }

  /** Ghosts, and of users of the log one removed and one overwritten: work for a reconcile. */
  private void damage(int number) {
    TestPipeline pipeline = environment.pipeline();
    String table = pipeline.keyspace() + ".created_users";
    List<String> statements = new ArrayList<>();
    for (int ghost = 0; ghost < 3; ghost++) {
      UUID id = new UUID(0x7777_4000L, 0x8000_0000_0000_0000L | 10L * number + ghost);
      statements.add("INSERT INTO %s (id, city) VALUES (%s, 'Nowhere')".formatted(table, id));
      damaged.add(id.toString());
    }
    List<UUID> victims =
        fold.users().entrySet().stream()
            .filter(entry -> entry.getValue().isLive())
            .limit(2)
            .map(Map.Entry<UUID, UserState>::getKey)
            .toList();
    if (victims.size() == 2) {
      statements.add("DELETE FROM %s WHERE id = %s".formatted(table, victims.get(0)));
      statements.add(
          "UPDATE %s SET city = 'Nowhere' WHERE id = %s".formatted(table, victims.get(1)));
      victims.forEach(victim -> damaged.add(victim.toString()));
    }
    try (CqlSession operator = pipeline.view().session(TestView.ADMIN)) {
      statements.forEach(operator::execute);
    }
  }

  private void pause(int leastMillis, int mostMillis) {
    Duration pause = Duration.ofMillis(leastMillis + random.nextInt(mostMillis - leastMillis + 1));
    await().pollDelay(pause).atMost(pause.plusSeconds(30)).until(() -> true);
  }

  @Override
  public void close() {
    log.close();
    List<FaultTarget> last = new ArrayList<>(targets.values());
    Collections.reverse(last);
    last.forEach(FaultTarget::close);
  }
}
