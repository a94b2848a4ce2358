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
import io.foldlog.testing.faults.Fault.TargetType;
import io.foldlog.testing.faults.FaultPlan.BatchPoint;
import io.foldlog.testing.faults.ProducerTarget.RestartMode;
import io.foldlog.testing.scenarios.Proof;
import io.foldlog.testing.scenarios.TestEnvironment;
import io.foldlog.view.DecodeVersions;
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
import java.util.stream.Stream;

/**
 * A whole pipeline on dedicated servers, for fault injection: one log, and for each trigger a speed
 * layer with a separate view and dead letter topic. A producer, a transactional producer and an
 * invalid record producer run during each fault. After the fault, the targets are restarted or
 * resumed, the workload stops, and everything that the layers have stored is compared with the log.
 */
final class CrashTestEnvironment implements AutoCloseable {

  private static final int MIN_RATE = 40;
  private static final List<Integer> RATES = List.of(MIN_RATE, 120, 240);
  private static final String OUTAGE_TIMEOUT = "speed-layer.outage-timeout = 100 seconds";

  /** Without an interval, the batches would use most of one processor. */
  private static final String BATCH_INTERVAL = "speed-layer.batch-interval = 1 second";

  private final Path folder;
  private final Random random;
  private final KafkaNode kafka;
  private final CassandraNode cassandra;
  private final TestEnvironment environment;
  private final EventTopic log;
  private final LogAudit audit;
  private final LogFold fold;
  private final TransactionalWorkload transactions;

  /** Invalid records that an open transaction holds back. */
  private List<RecordId> heldBack = List.of();

  private final Set<String> damagedUsers = new HashSet<>();
  private final Map<TargetType, FaultTarget> targets = new EnumMap<>(TargetType.class);

  CrashTestEnvironment(Path folder, Random random) throws Exception {
    this.folder = folder;
    this.random = random;
    kafka = KafkaNode.in(folder.resolve("kafka"));
    cassandra = CassandraNode.in(folder.resolve("cassandra"));
    targets.put(TargetType.KAFKA, new ServerTarget(kafka));
    targets.put(TargetType.CASSANDRA, new ServerTarget(cassandra));
    kafka.start();
    cassandra.start();
    Path continuousFolder = Files.createDirectory(folder.resolve("continuous"));
    environment =
        TestEnvironment.on(kafka, cassandra, continuousFolder, "crash_continuous", OUTAGE_TIMEOUT);
    TestPipeline pipeline = environment.pipeline();
    targets.put(TargetType.CONTINUOUS, new SpeedLayerTarget(pipeline, environment.settings()));
    TestPipeline microBatch =
        pipeline.withSeparateView(
            Files.createDirectory(folder.resolve("micro-batch")), "crash_micro_batch");
    targets.put(
        TargetType.MICRO_BATCH,
        new SpeedLayerTarget(
            microBatch,
            microBatch.settings(
                "speed-layer.trigger = micro-batch", BATCH_INTERVAL, OUTAGE_TIMEOUT)));
    log = pipeline.log();
    audit = new LogAudit(pipeline);
    transactions = new TransactionalWorkload(pipeline, "crash-matrix", Proof.SEED);
    fold = new LogFold(log, DecodeRules.current(EventDecoder.CreateTime.REJECT));
  }

  /**
   * Injects a fault under load, restores the targets and verifies the result.
   *
   * @param leaveTransactionOpen whether a transaction stays open during the verification and until
   *     the next fault
   * @return a summary for the report
   */
  String inject(int number, Fault fault, boolean leaveTransactionOpen) throws Exception {
    int perSecond =
        fault.affects(TargetType.BATCH) ? MIN_RATE : RATES.get(random.nextInt(RATES.size()));
    RestartMode restartMode =
        fault.actions().size() == 1 ? RestartMode.SAME_EVENTS : RestartMode.NEW_EVENTS;
    ProducerTarget producer =
        new ProducerTarget(
            folder,
            environment.settings(),
            "seed-%d-fault-%d".formatted(Proof.SEED, number),
            perSecond,
            restartMode);
    targets.put(TargetType.PRODUCER, producer);
    damagedUsers.clear();
    List<RecordId> invalidRecords;
    try (InvalidRecordProducer invalidRecordProducer =
        new InvalidRecordProducer(
            environment.pipeline(), audit.end().logId(), Proof.SEED + number)) {
      transactions.start();
      producer.awaitAcknowledgements();
      layers().forEach(SpeedLayerTarget::awaitWriting);
      if (fault.affects(TargetType.BATCH)) {
        targets.put(TargetType.BATCH, startBatch(number, fault));
      }
      pause(0, 2_000);
      Set<TargetType> killed = EnumSet.noneOf(TargetType.class);
      for (FaultAction action : fault.actions()) {
        if (killed.contains(action.target())) {
          restart(action.target());
        }
        perform(action);
        if (action.type() == FaultType.KILL) {
          killed.add(action.target());
        }
      }
      recoverTargets(fault);
      producer.awaitAcknowledgements();
      producer.stop();
      transactions.stop(leaveTransactionOpen);
      invalidRecords = invalidRecordProducer.stop();
    }
    String result = verify(fault, producer.ackJournals(), invalidRecords);
    return "load=%d/s %s".formatted(perSecond, result);
  }

  /** Starts a batch process that has work to do in the step. Returns when the step has started. */
  private BatchTarget startBatch(int number, Fault fault) throws Exception {
    BatchPoint point =
        FaultPlan.BATCH_POINTS.stream()
            .filter(each -> fault.haltPoints().contains(each.name()))
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
            fault.haltPoints());
    batch.awaitStep();
    return batch;
  }

  /** The scope is full, so that reconcile finds the damage of users without new events too. */
  private static List<String> command(String step) {
    return step.equals("reconcile") ? List.of(step, "--scope", "full") : List.of(step);
  }

  private void perform(FaultAction action) {
    if (action.type() == FaultType.KILL) {
      targets.get(action.target()).kill();
      pause(0, 500);
    } else {
      targets.get(action.target()).freeze();
      pause(500, 4_000);
    }
  }

  /**
   * Restarts a killed target and lets it run for up to 6 s. A batch process ends without a wait.
   */
  private void restart(TargetType target) throws Exception {
    targets.get(target).start();
    if (target != TargetType.BATCH) {
      pause(0, 6_000);
    }
  }

  private void recoverTargets(Fault fault) throws Exception {
    for (TargetType target : TargetType.values()) {
      if (fault.affects(target) && target != TargetType.BATCH) {
        if (fault.kills(target)) {
          targets.get(target).start();
        } else {
          targets.get(target).resume();
        }
      }
    }
    if (fault.affects(TargetType.BATCH) && !fault.kills(TargetType.BATCH)) {
      BatchTarget batch = (BatchTarget) targets.get(TargetType.BATCH);
      batch.resume();
      assertThat(batch.awaitExitStatus()).as(batch::output).isZero();
    }
  }

  private String verify(Fault fault, List<Path> ackJournals, List<RecordId> invalidRecords)
      throws Exception {
    boolean isBatchAffected = fault.affects(TargetType.BATCH);
    long loadEnded = System.nanoTime();
    audit.advance();
    if (!isBatchAffected) {
      runBatch("archive");
      checkLake(audit::assertThatArchiveEqualsLog);
    }
    for (SpeedLayerTarget layer : layers()) {
      layer.awaitWritten(audit.end());
    }
    Duration drained = Duration.ofNanos(System.nanoTime() - loadEnded);
    if (isBatchAffected) {
      runBatch("nightly", "--scope", "full");
      assertThatOnlyDamageWasFound();
    }
    List<String> rowCounts = new ArrayList<>();
    for (SpeedLayerTarget layer : layers()) {
      VerificationResult result = verifyView(layer.pipeline());
      assertThat(result.isEqual())
          .as(() -> layer.pipeline().keyspace() + ": " + result.text())
          .isTrue();
      audit.assertContainsAllRejected(
          "the dead letters of " + layer.pipeline().keyspace(),
          layer.pipeline().deadLetters().stream()
              .map(DeadLetter::record)
              .map(LogRecord::id)
              .collect(Collectors.toSet()));
      rowCounts.add("rows=" + result.rows());
    }
    if (isBatchAffected) {
      checkLake(
          lake -> {
            audit.assertThatArchiveEqualsLog(lake);
            audit.assertThatFoldedTablesEqualFold(lake, fold.users());
          });
    }
    for (Path ackJournal : ackJournals) {
      assertThat(environment.run(new Producer(), "verify-acks", ackJournal.toString()))
          .isEqualTo(ExitStatus.SUCCESS);
    }
    List<RecordId> notRejected =
        Stream.concat(heldBack.stream(), invalidRecords.stream())
            .filter(record -> !audit.rejected().contains(record))
            .toList();
    assertThat(notRejected)
        .as("invalid records that are not rejected are held back")
        .allMatch(record -> record.offset() >= audit.end().offset(record.partition()));
    heldBack = notRejected;
    assertThat(fold.users()).as("the fold of the verifier").isEqualTo(audit.users());
    return "log=%d (+%d) %s dead-letters=%d (+%d) %s drained=%.1fs verified=%.1fs"
            .formatted(
                audit.recordCount(),
                audit.newRecordCount(),
                transactions.summary(),
                audit.rejected().size(),
                invalidRecords.size(),
                String.join("/", rowCounts),
                drained.toMillis() / 1e3,
                Duration.ofNanos(System.nanoTime() - loadEnded).minus(drained).toMillis() / 1e3)
        + layers().stream()
            .filter(layer -> layer.outageRestarts() > 0)
            .map(
                layer ->
                    ", the speed layer of %s has ended %d times in an outage so far"
                        .formatted(layer.pipeline().keyspace(), layer.outageRestarts()))
            .collect(Collectors.joining());
  }

  /** Otherwise reconcile could have repaired a loss of the speed layer before the verification. */
  private void assertThatOnlyDamageWasFound() throws IOException {
    Set<String> found = new HashSet<>();
    JsonNode report = environment.newestReport().path("reconcile");
    report.path("details").forEach(each -> found.add(each.path("user").asText()));
    assertThat(damagedUsers).as(report.toPrettyString()).containsAll(found);
  }

  private List<SpeedLayerTarget> layers() {
    return List.of(
        (SpeedLayerTarget) targets.get(TargetType.CONTINUOUS),
        (SpeedLayerTarget) targets.get(TargetType.MICRO_BATCH));
  }

  private VerificationResult verifyView(TestPipeline pipeline) throws InterruptedException {
    try (CqlSession session = pipeline.view().session(TestView.READER)) {
      return new Verification(
              fold,
              UserViewReader.over(session, pipeline.keyspace()),
              new RepairedUsers(session, pipeline.keyspace()),
              new DecodeVersions(session, pipeline.keyspace()))
          .run(Duration.ZERO, duration -> true);
    }
  }

  private void runBatch(String... arguments) throws Exception {
    assertThat(environment.batch(arguments)).isEqualTo(ExitStatus.SUCCESS);
  }

  private void checkLake(Consumer<Lake> check) {
    check.accept(new Lake(BatchLayerInProcess.spark(), environment.lake().toString()));
  }

  /** Adds three ghost rows, removes one row and overwrites one cell, so that reconcile has work. */
  private void damage(int number) {
    TestPipeline pipeline = environment.pipeline();
    String table = pipeline.keyspace() + ".created_users";
    List<String> statements = new ArrayList<>();
    for (int ghost = 0; ghost < 3; ghost++) {
      UUID id = new UUID(0x7777_4000L, 0x8000_0000_0000_0000L | 10L * number + ghost);
      statements.add("INSERT INTO %s (id, city) VALUES (%s, 'Nowhere')".formatted(table, id));
      damagedUsers.add(id.toString());
    }
    List<UUID> users =
        fold.users().entrySet().stream()
            .filter(entry -> entry.getValue().isLive())
            .limit(2)
            .map(Map.Entry<UUID, UserState>::getKey)
            .toList();
    if (users.size() == 2) {
      statements.add("DELETE FROM %s WHERE id = %s".formatted(table, users.get(0)));
      statements.add("UPDATE %s SET city = 'Nowhere' WHERE id = %s".formatted(table, users.get(1)));
      users.forEach(user -> damagedUsers.add(user.toString()));
    }
    try (CqlSession operator = pipeline.view().session(TestView.ADMIN)) {
      statements.forEach(operator::execute);
    }
  }

  private void pause(int minMillis, int maxMillis) {
    Duration pause = Duration.ofMillis(minMillis + random.nextInt(maxMillis - minMillis + 1));
    await().pollDelay(pause).atMost(pause.plusSeconds(30)).until(() -> true);
  }

  @Override
  public void close() {
    transactions.close();
    log.close();
    List<FaultTarget> reversed = new ArrayList<>(targets.values());
    Collections.reverse(reversed);
    reversed.forEach(FaultTarget::close);
  }
}
