package io.foldlog.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.foldlog.contract.TestEventStream;
import io.foldlog.local.servers.CassandraNode;
import io.foldlog.local.servers.KafkaNode;
import io.foldlog.local.servers.KafkaService;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.testing.kit.SharedServers;
import io.foldlog.testing.kit.TestNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers that freeze, die and come back while layers run. */
class OutageIT {

  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final int USERS = 1_000_000;

  @TempDir private static Path servers;
  private static CassandraNode cassandra;

  /** Of the test that kills it. */
  private static KafkaNode kafka;

  @TempDir private Path folder;
  private final List<Subject> started = new ArrayList<>();

  @BeforeAll
  static void start() {
    cassandra = CassandraNode.in(servers.resolve("cassandra"));
    cassandra.start();
  }

  @AfterEach
  void endLayers() {
    started.forEach(Subject::close);
  }

  @AfterAll
  static void end() {
    cassandra.close();
    if (kafka != null) {
      kafka.close();
    }
  }

  @Test
  @Tag("fault")
  void shouldRideOutAShortOutageAndEndAfterALongOne() throws Exception {
    kafka = KafkaNode.in(servers.resolve("kafka"));
    kafka.start();
    List<Subject> subjects =
        subjects(
            kafka,
            "outage",
            List.of(TriggerMode.values()),
            100,
            "speed-layer.outage-limit = 10 seconds",
            "runtime.startup-timeout = 1 minute");
    startAll(subjects, SpeedLayerInProcess::start);
    awaitEach(subjects, subject -> subject.written() > 500);
    cassandra.freeze();
    // what was acknowledged before is committed by then
    await().pollDelay(Duration.ofSeconds(3)).until(() -> true);
    Map<Subject, Long> acknowledged = new HashMap<>();
    for (Subject subject : subjects) {
      acknowledged.put(subject, subject.stage.committedRecords());
    }
    await().pollDelay(Duration.ofSeconds(3)).until(() -> true);
    for (Subject subject : subjects) {
      assertThat(subject.stage.committedRecords()).isEqualTo(acknowledged.get(subject));
    }
    cassandra.thaw();
    Map<Subject, Long> sent = new HashMap<>();
    subjects.forEach(subject -> sent.put(subject, subject.load.sent()));
    awaitEach(subjects, subject -> subject.written() > sent.get(subject));

    cassandra.kill();
    subjects.forEach(subject -> subject.assertThatItEnds("Cassandra"));
    cassandra.start();
    startAll(subjects, SpeedLayerInProcess::start);
    awaitEach(subjects, subject -> subject.written() > 500);
    stopLoads(subjects);
    kafka.kill();
    subjects.forEach(subject -> subject.assertThatItEnds("Kafka at"));
    kafka.start();
    assertThatNothingIsMissing(subjects, SpeedLayerInProcess::start);
  }

  /**
   * The history that loses events where the epoch is committed before its writes are acknowledged:
   * writes go to a frozen Cassandra across a commit, then both are killed.
   */
  @Test
  void shouldLoseNoEpochWhenCassandraFreezesAndDiesWithTheLayer() throws Exception {
    assertThatNothingIsLostWithCassandra(TriggerMode.CONTINUOUS);
  }

  @Test
  @Tag("fault")
  void shouldLoseNoBatchWhenCassandraFreezesAndDiesWithTheLayer() throws Exception {
    assertThatNothingIsLostWithCassandra(TriggerMode.MICRO_BATCH);
  }

  private void assertThatNothingIsLostWithCassandra(TriggerMode trigger) throws Exception {
    List<Subject> subjects = subjects(SharedServers.kafka(), "frozen", List.of(trigger), 60);
    startAll(subjects, SpeedLayerProcess::start);
    // no backlog, and fewer writes in a second than may be in flight: the epoch reaches its end
    awaitEach(
        subjects,
        subject ->
            subject.stage.committedRecords() > 500
                && subject.stage.status().path("lag").asLong(Long.MAX_VALUE) < 60);
    cassandra.freeze();
    await().pollDelay(Duration.ofMillis(3_500)).until(() -> true);
    subjects.forEach(subject -> ((SpeedLayerProcess) subject.layer).kill());
    cassandra.kill();
    stopLoads(subjects);
    cassandra.start();
    assertThatNothingIsMissing(subjects, SpeedLayerInProcess::start);
  }

  /** A layer of each of these triggers, each on a log and a view of its own under load. */
  private List<Subject> subjects(
      KafkaService brokers,
      String name,
      List<TriggerMode> triggers,
      int perSecond,
      String... overrides)
      throws Exception {
    for (TriggerMode trigger : triggers) {
      String named = TestNames.unique(name + "_" + trigger.name().toLowerCase(Locale.ROOT));
      Path own = Files.createDirectory(folder.resolve(named));
      Stage stage = Stage.provisioned(brokers, cassandra, own, named);
      List<String> settings = new ArrayList<>(List.of(overrides));
      settings.add("speed-layer.trigger = " + trigger.settingName());
      Path file = stage.settings(settings.toArray(String[]::new));
      started.add(
          new Subject(stage, file, Load.start(stage, new TestEventStream(4, USERS), perSecond)));
    }
    return started;
  }

  private interface Starter {
    RunningSpeedLayer start(Path settings);
  }

  private static void startAll(List<Subject> subjects, Starter starter) {
    subjects.forEach(subject -> subject.layer = starter.start(subject.settings));
  }

  private static void stopLoads(List<Subject> subjects) throws InterruptedException {
    for (Subject subject : subjects) {
      subject.load.stop();
    }
  }

  private interface Condition {
    boolean holds(Subject subject) throws Exception;
  }

  /** Of the layer that runs now, not of one before. */
  private static void awaitEach(List<Subject> subjects, Condition condition) {
    for (Subject subject : subjects) {
      await()
          .atMost(LIMIT)
          .until(
              () ->
                  subject.layer.hasStarted()
                      && subject.layer.wrote(subject.stage.status())
                      && condition.holds(subject));
    }
  }

  private static void assertThatNothingIsMissing(List<Subject> subjects, Starter starter) {
    for (Subject subject : subjects) {
      RunningSpeedLayer layer = starter.start(subject.settings);
      assertThat(subject.stage.differencesOnceDrainedBy(layer)).isEmpty();
    }
  }

  /** A layer and what it works on. */
  private static final class Subject implements AutoCloseable {

    private final Stage stage;
    private final Path settings;
    private final Load load;
    private RunningSpeedLayer layer;

    private Subject(Stage stage, Path settings, Load load) {
      this.stage = stage;
      this.settings = settings;
      this.load = load;
    }

    long written() throws IOException {
      return stage.status().path("written").asLong();
    }

    void assertThatItEnds(String because) {
      assertThat(layer.ended()).as(layer::output).isEqualTo(ExitStatus.UNAVAILABLE);
      assertThat(layer.output()).contains(because).doesNotContain("BUG", "This is a bug");
    }

    @Override
    public void close() {
      load.close();
      if (layer != null) {
        layer.close();
      }
    }
  }
}
