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
import io.foldlog.log.Log;
import io.foldlog.log.LogPlace;
import io.foldlog.log.LogRecord;
import io.foldlog.producer.Producer;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.speed.Stage;
import io.foldlog.testing.faults.Fault.Blow;
import io.foldlog.testing.faults.Fault.Harm;
import io.foldlog.testing.faults.Fault.Role;
import io.foldlog.testing.faults.FaultPlan.BatchPoint;
import io.foldlog.testing.faults.ProducerSubject.Again;
import io.foldlog.testing.scenarios.Pipeline;
import io.foldlog.testing.scenarios.Proof;
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
  private static final String OUTAGE = "speed-layer.outage-limit = 100 seconds";

  /** Batches as soon as can be would take most of a processor. */
  private static final String CALM = "speed-layer.batch-interval = 1 second";

  private final Path folder;
  private final Random random;
  private final KafkaNode kafka;
  private final CassandraNode cassandra;
  private final Pipeline pipeline;
  private final Log log;
  private final LogAudit audit;
  private final LogFold fold;
  private final Set<String> damaged = new HashSet<>();
  private final Map<Role, Subject> subjects = new EnumMap<>(Role.class);

  CrashSite(Path folder, Random random) throws Exception {
    this.folder = folder;
    this.random = random;
    kafka = KafkaNode.in(folder.resolve("kafka"));
    cassandra = CassandraNode.in(folder.resolve("cassandra"));
    subjects.put(Role.KAFKA, new ServerSubject(kafka));
    subjects.put(Role.CASSANDRA, new ServerSubject(cassandra));
    kafka.start();
    cassandra.start();
    Path own = Files.createDirectory(folder.resolve("continuous"));
    pipeline = Pipeline.on(kafka, cassandra, own, "crash_continuous", OUTAGE);
    Stage stage = pipeline.stage();
    subjects.put(Role.CONTINUOUS, new SpeedLayerSubject(stage, pipeline.settings()));
    Stage beside =
        stage.beside(Files.createDirectory(folder.resolve("micro-batch")), "crash_micro_batch");
    subjects.put(
        Role.MICRO_BATCH,
        new SpeedLayerSubject(
            beside, beside.settings("speed-layer.trigger = micro-batch", CALM, OUTAGE)));
    log = stage.log();
    audit = new LogAudit(log);
    fold = new LogFold(log, DecodeRules.current(EventDecoder.CreateTime.REJECT));
  }

  /**
   * Lets a fault happen under load, brings everything back and holds it against the log.
   *
   * @return what was done and compared
   */
  String suffer(int number, Fault fault) throws Exception {
    int perSecond = fault.hits(Role.BATCH) ? LEAST_RATE : RATES.get(random.nextInt(RATES.size()));
    Again again = fault.blows().size() == 1 ? Again.RETRIES : Again.BEGINS_ANOTHER_RUN;
    ProducerSubject producer =
        new ProducerSubject(
            folder,
            pipeline.settings(),
            "seed-%d-fault-%d".formatted(Proof.SEED, number),
            perSecond,
            again);
    subjects.put(Role.PRODUCER, producer);
    damaged.clear();
    List<LogPlace> noEvents;
    try (NoEvents others =
        new NoEvents(pipeline.stage(), audit.end().topicId(), Proof.SEED + number)) {
      producer.awaitAcknowledgements();
      layers().forEach(SpeedLayerSubject::awaitWriting);
      if (fault.hits(Role.BATCH)) {
        subjects.put(Role.BATCH, batch(number, fault));
      }
      pause(0, 2_000);
      Set<Role> killed = EnumSet.noneOf(Role.class);
      for (Blow blow : fault.blows()) {
        if (killed.contains(blow.role())) {
          recover(blow.role());
        }
        hit(blow);
        if (blow.harm() == Harm.KILL) {
          killed.add(blow.role());
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
  private BatchSubject batch(int number, Fault fault) throws Exception {
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
        if (!pipeline.hasFolded()) {
          runBatch("archive");
          runBatch("fold");
        }
        damage(number);
      }
    }
    BatchSubject batch =
        new BatchSubject(
            pipeline,
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

  private void hit(Blow blow) {
    if (blow.harm() == Harm.KILL) {
      subjects.get(blow.role()).kill();
      pause(0, 500);
    } else {
      subjects.get(blow.role()).freeze();
      pause(500, 4_000);
    }
  }

  /** Starts it again for a while; the batch process ends by itself. */
  private void recover(Role role) throws Exception {
    subjects.get(role).start();
    if (role != Role.BATCH) {
      pause(0, 6_000);
    }
  }

  private void bringBack(Fault fault) throws Exception {
    for (Role role : Role.values()) {
      if (fault.hits(role) && role != Role.BATCH) {
        if (fault.kills(role)) {
          subjects.get(role).start();
        } else {
          subjects.get(role).thaw();
        }
      }
    }
    if (fault.hits(Role.BATCH) && !fault.kills(Role.BATCH)) {
      BatchSubject batch = (BatchSubject) subjects.get(Role.BATCH);
      batch.thaw();
      assertThat(batch.status()).as(batch::said).isZero();
    }
  }

  private String judge(Fault fault, List<Path> accounts, List<LogPlace> noEvents) throws Exception {
    boolean batchIsHit = fault.hits(Role.BATCH);
    long ended = System.nanoTime();
    audit.advance();
    if (!batchIsHit) {
      runBatch("archive");
      askLake(audit::assertThatTheArchiveEqualsTheLog);
    }
    for (SpeedLayerSubject layer : layers()) {
      layer.awaitWritten(audit.end());
    }
    Duration drained = Duration.ofNanos(System.nanoTime() - ended);
    if (batchIsHit) {
      runBatch("nightly", "--scope", "full");
      assertThatOnlyDamageWasFound();
    }
    List<String> verdicts = new ArrayList<>();
    for (SpeedLayerSubject layer : layers()) {
      VerificationResult verdict = verdict(layer.stage());
      assertThat(verdict.isEqual())
          .as(() -> layer.stage().keyspace() + ": " + verdict.text())
          .isTrue();
      audit.assertThatTheRejectedAreIn(
          "the dead letters of " + layer.stage().keyspace(),
          layer.stage().deadLetters().stream()
              .map(DeadLetter::record)
              .map(LogRecord::place)
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
      assertThat(pipeline.run(new Producer(), "check-acknowledged", account.toString()))
          .isEqualTo(ExitStatus.DONE);
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
                        .formatted(layer.stage().keyspace(), layer.startedAgain()))
            .collect(Collectors.joining());
  }

  /** Else the reconcile would have cured what a speed layer lost, before it is judged. */
  private void assertThatOnlyDamageWasFound() throws IOException {
    Set<String> found = new HashSet<>();
    JsonNode report = pipeline.newestReport().path("reconcile");
    report.path("details").forEach(each -> found.add(each.path("user").asText()));
    assertThat(damaged).as(report.toPrettyString()).containsAll(found);
  }

  private List<SpeedLayerSubject> layers() {
    return List.of(
        (SpeedLayerSubject) subjects.get(Role.CONTINUOUS),
        (SpeedLayerSubject) subjects.get(Role.MICRO_BATCH));
  }

  private VerificationResult verdict(Stage stage) throws InterruptedException {
    try (CqlSession session = stage.view().session(TestView.READER)) {
      return new Verification(
              fold,
              UserViewReader.over(session, stage.keyspace()),
              new RepairedUsers(session, stage.keyspace()))
          .run(Duration.ZERO, duration -> true);
    }
  }

  private void runBatch(String... arguments) throws Exception {
    assertThat(pipeline.batch(arguments)).isEqualTo(ExitStatus.DONE);
  }

  private void askLake(Consumer<Lake> question) {
    question.accept(new Lake(BatchLayerInProcess.spark(), pipeline.lake().toString()));
  }

  /** Ghosts, and of users of the log one removed and one overwritten: work for a reconcile. */
  private void damage(int number) {
    Stage stage = pipeline.stage();
    String table = stage.keyspace() + ".created_users";
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
    try (CqlSession operator = stage.view().session(TestView.ADMIN)) {
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
    List<Subject> last = new ArrayList<>(subjects.values());
    Collections.reverse(last);
    last.forEach(Subject::close);
  }
}
