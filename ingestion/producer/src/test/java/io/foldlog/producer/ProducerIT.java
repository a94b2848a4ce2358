package io.foldlog.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.foldlog.contract.EventEncoder;
import io.foldlog.local.servers.GuardedCommand;
import io.foldlog.local.servers.JavaCommand;
import io.foldlog.local.servers.KafkaNode;
import io.foldlog.local.servers.KafkaService;
import io.foldlog.log.EventTopic;
import io.foldlog.log.LogRecord;
import io.foldlog.log.TestTopic;
import io.foldlog.runtime.ApplicationResult;
import io.foldlog.runtime.ApplicationRunner;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.runtime.Settings;
import io.foldlog.runtime.StopSignal;
import io.foldlog.testing.kit.SharedServers;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProducerIT {

  /** A dedicated broker for the tests that freeze and kill it. The first of them starts it. */
  private static KafkaNode broker;

  @TempDir private static Path brokerFolder;
  @TempDir Path folder;

  private TestTopic topic = absentOn(SharedServers.kafka());
  private String servers;

  @AfterAll
  static void closeBroker() {
    if (broker != null) {
      broker.close();
    }
  }

  private void useDedicatedBroker() {
    if (broker == null) {
      broker = KafkaNode.in(brokerFolder);
      broker.start();
    }
    topic = absentOn(broker);
    provision();
  }

  private static TestTopic absentOn(KafkaService kafka) {
    return TestTopic.absent(kafka, "produced").withMaxMessageBytes(1024 * 1024);
  }

  @BeforeEach
  void provision() {
    servers = topic.kafka().bootstrapServers();
    topic.provision();
  }

  @Test
  void shouldRecordTheRequestedNumberOfEventsAndReportTheCounters() throws Exception {
    Path ids = folder.resolve("ids");
    Run run = run("--count", "500", "--interval", "0", "--ack-journal", ids.toString());
    assertThat(run.status()).as(run.output()).isZero();
    assertThat(run.summary("sent")).isEqualTo(500);
    assertThat(run.summary("acknowledged")).isEqualTo(500);
    assertThat(run.summary("failed")).isZero();
    assertThat(run.summary("registered") + run.summary("updated") + run.summary("deleted"))
        .isEqualTo(500);
    assertThat(run.output()).contains("ended=count");
    List<LogRecord> records = records();
    assertThat(records).hasSize(500);
    assertThat(acknowledged(ids))
        .containsExactlyInAnyOrderElementsOf(records.stream().map(ProducerIT::id).toList());
    assertThat(records)
        .allSatisfy(
            record -> {
              assertThat(record.headers()).hasSize(1);
              assertThat(record.headers().get(0).key()).isEqualTo("content-type");
              assertThat(record.headers().get(0).value())
                  .asString(StandardCharsets.UTF_8)
                  .isEqualTo(EventEncoder.CONTENT_TYPE);
              assertThat(value(record))
                  .contains("\"subject\":\"" + new String(record.key(), StandardCharsets.UTF_8));
            });
  }

  @Test
  void shouldGenerateTheSameBytesForASeededRunInAnotherProcess() throws Exception {
    String[] arguments = {
      "--count", "300", "--interval", "0", "--seed", "run-1", "--as-of", "2026-01-31T00:00:00+00:00"
    };
    assertThat(run(arguments).status()).isZero();
    List<String> first = records().stream().map(ProducerIT::value).toList();
    assertThat(ended(startProcess(arguments)).status()).isZero();
    List<String> both = records().stream().map(ProducerIT::value).toList();
    assertThat(both).hasSize(600);
    assertThat(both.stream().distinct()).containsExactlyInAnyOrderElementsOf(first);
  }

  @Test
  void shouldShutDownInOrderOnSigterm() throws Exception {
    Path ids = folder.resolve("ids");
    Process process = startProcess("--rate", "500", "--ack-journal", ids.toString());
    awaitAcknowledged(ids, 700);
    process.toHandle().destroy();
    Run run = ended(process);
    assertThat(run.status()).as(run.output()).isEqualTo(143);
    assertThat(run.output()).contains("ended=stopped");
    assertThat(run.summary("failed")).isZero();
    assertThat(run.summary("acknowledged")).isEqualTo(run.summary("sent"));
    List<String> acknowledged = acknowledged(ids);
    assertThat(acknowledged).hasSize((int) run.summary("acknowledged"));
    assertThat(records().stream().map(ProducerIT::id))
        .containsExactlyInAnyOrderElementsOf(acknowledged);
  }

  @Test
  void shouldVerifyEveryAcknowledgedEventOfARunThatWasKilledAndRepeated() throws Exception {
    Path ids = folder.resolve("ids");
    String[] seeded = {
      "--count",
      "600",
      "--rate",
      "300",
      "--seed",
      "run-1",
      "--as-of",
      "2026-01-31T00:00:00Z",
      "--ack-journal",
      ids.toString()
    };
    assertThat(run("--count", "20", "--interval", "0").status()).isZero();
    Process process = startProcess(seeded);
    awaitAcknowledged(ids, 100);
    process.destroyForcibly();
    assertThat(ended(process).status()).isEqualTo(137);
    long before = acknowledgedSoFar(ids);
    assertThat(run("--count", "30", "--interval", "0").status()).isZero();
    assertThat(run(seeded).status()).isZero();
    Run check = run("verify-acks", ids.toString());
    assertThat(check.status()).as(check.output()).isZero();
    assertThat(check.output())
        .contains(
            "acknowledged=%d events=600 missing=0 held_back=0 differing=0 from=0:"
                .formatted(before + 600))
        .doesNotContain("from=0:0,1:0");
  }

  @Test
  void shouldReportAnAcknowledgedEventThatTheLogDoesNotHold() throws Exception {
    Path ids = folder.resolve("ids");
    assertThat(run("--count", "50", "--interval", "0", "--ack-journal", ids.toString()).status())
        .isZero();
    List<String> lines = new ArrayList<>(Files.readAllLines(ids));
    lines.add("{\"partition\":0,\"offset\":50000,\"id\":\"past-the-end\"}");
    Files.write(ids, lines);
    Run missing = run("verify-acks", ids.toString());
    assertThat(missing.status()).as(missing.output()).isEqualTo(3);
    assertThat(missing.output())
        .contains("acknowledged=51 events=50 missing=1 held_back=0 differing=0")
        .contains("such as event past-the-end at offset 50000 of partition 0")
        .doesNotContain("\tat ");
    lines.set(50, lines.get(49).replaceFirst("\"id\":\".*", "\"id\":\"another\"}"));
    Files.write(ids, lines.subList(0, 51));
    assertThat(run("verify-acks", ids.toString()).output()).contains("missing=1");
  }

  @Test
  void shouldRejectAnAckJournalOfAnotherTopic() throws Exception {
    Path ids = folder.resolve("ids");
    Files.writeString(ids, "{\"topicId\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"from\":{\"0\":0,\"1\":0}}\n");
    Run run = run("--count", "1", "--ack-journal", ids.toString());
    assertThat(run.status()).as(run.output()).isEqualTo(2);
    assertThat(run.output()).contains("is of the topic with the id AAAAAAAAAAAAAAAAAAAAAA");
    Run check = run("verify-acks", ids.toString());
    assertThat(check.status()).as(check.output()).isEqualTo(3);
    assertThat(check.output()).contains("was deleted and created again");
    Files.writeString(ids, "no journal");
    assertThat(run("verify-acks", ids.toString()).output()).contains("Line 1 of " + ids);
    assertThat(run("verify-acks", folder.resolve("none").toString()).status()).isEqualTo(2);
  }

  @Test
  void shouldNotExceedTheRate() throws Exception {
    Run run = run("--rate", "200", "--duration", "8s");
    assertThat(run.status()).as(run.output()).isZero();
    assertThat(run.output()).contains("ended=duration");
    assertThat(run.summary("sent")).isBetween(1L, 1610L);
    List<Long> times = records().stream().map(LogRecord::timestampMillis).sorted().toList();
    long span = times.get(times.size() - 1) - times.get(0);
    assertThat(span).isGreaterThanOrEqualTo(times.size() * 1_000L / 200 - 1_000);
  }

  @Test
  void shouldSendBatchesFromTheApi() throws Exception {
    try (RandomUserServer api = new RandomUserServer(0)) {
      settings("producer.randomuser.url = \"%s\"".formatted(api.url()));
      Run run =
          run("--source", "randomuser", "--batch", "20", "--interval", "500ms", "--count", "50");
      assertThat(run.status()).as(run.output()).isZero();
      assertThat(run.summary("registered")).isEqualTo(50);
      assertThat(api.requests()).hasSize(3).allMatch(query -> query.get("results").equals("20"));
      assertThat(records())
          .hasSize(50)
          .allSatisfy(
              record -> assertThat(RandomUserServer.SECRETS).noneMatch(value(record)::contains));
    }
  }

  /** The API would read the end of this seed as a nationality. */
  @Test
  void shouldRecordTheSameUsersAgainForARunIdOf18Characters() throws Exception {
    try (RandomUserServer api = new RandomUserServer(0)) {
      settings("producer.randomuser.url = \"%s\"".formatted(api.url()));
      for (int times = 0; times < 2; times++) {
        Run run =
            run(
                "--source=randomuser",
                "--batch=20",
                "--interval=0",
                "--count=30",
                "--seed=manual__2026-11-30",
                "--as-of=2026-01-31T00:00:00Z");
        assertThat(run.status()).as(run.output()).isZero();
      }
    }
    List<String> events = records().stream().map(ProducerIT::value).toList();
    assertThat(events).hasSize(60);
    assertThat(Set.copyOf(events)).hasSize(30);
  }

  @Test
  void shouldReportAnUnavailableApiWithoutAStackTrace() throws Exception {
    settings(
        "producer.randomuser { url = \"http://127.0.0.1:%d/\", max-retry-duration = 2s }"
            .formatted(closedPort()));
    Run run = run("--source", "randomuser", "--count", "50");
    assertThat(run.status()).as(run.output()).isEqualTo(6);
    assertThat(run.output()).contains("gave no page of users").doesNotContain("\tat ");
    assertThat(run.summary("sent")).isZero();
  }

  @Test
  void shouldSendTheLinesOfAFileUpToTheFirstInvalidLine() throws Exception {
    Path file = folder.resolve("users.jsonl");
    assertThat(run("--count", "20", "--interval", "0").status()).isZero();
    List<String> lines = new ArrayList<>(records().stream().map(ProducerIT::value).toList());
    lines.add(10, "no event");
    Files.write(file, lines);
    Run run = run("--source", "file", "--file", file.toString(), "--interval", "0");
    assertThat(run.status()).as(run.output()).isEqualTo(2);
    assertThat(run.output()).contains("users.jsonl:11 would be a dead letter (NOT_JSON)");
    assertThat(run.summary("acknowledged")).isEqualTo(10);
    lines.remove(10);
    Files.write(file, lines);
    run = run("--source", "file", "--file", file.toString(), "--interval", "0");
    assertThat(run.status()).as(run.output()).isZero();
    assertThat(run.output()).contains("ended=source_exhausted");
    assertThat(records().stream().map(ProducerIT::value).distinct())
        .containsExactlyInAnyOrderElementsOf(lines);
  }

  @Test
  void shouldReportARecordThatIsTooLarge() throws Exception {
    Path file = folder.resolve("large.jsonl");
    Files.writeString(
        file,
        "{\"specversion\":\"1.0\",\"id\":\"7\",\"source\":\"s\",\"type\":\"user.updated.v1\",\"subject\":\"0b1d6e54-1f0f-4c09-9e6a-0c7b6e5f3a10\",\"time\":\"2026-01-30T00:00:00Z\",\"data\":{},\"more\":\""
            + "x".repeat(1024 * 1024)
            + "\"}\n");
    Run run = run("--source", "file", "--file", file.toString());
    assertThat(run.status()).as(run.output()).isEqualTo(2);
    assertThat(run.output())
        .contains(
            "1 of 1 events were not acknowledged", "large.jsonl:1", "kafka.max-message-bytes");
    assertThat(run.summary("failed")).isEqualTo(1);
  }

  @Test
  void shouldReportAMissingTopic() throws Exception {
    settings("kafka.topic = absent");
    Run run = run("--count", "1");
    assertThat(run.status()).as(run.output()).isEqualTo(2);
    assertThat(run.output()).contains("has no topic absent").doesNotContain("\tat ");
  }

  @Test
  void shouldFailAsUnavailableAfterTheStartupTimeout() throws Exception {
    servers = "127.0.0.1:" + closedPort();
    settings("runtime.startup-timeout = 3s");
    Run run = run("--count", "1");
    assertThat(run.status()).as(run.output()).isEqualTo(6);
    assertThat(run.output()).contains("Kafka at " + servers).doesNotContain("\tat ");
  }

  @Test
  void shouldCountEventsThatAFrozenBrokerDoesNotAcknowledge() throws Exception {
    useDedicatedBroker();
    settings("kafka.delivery-timeout = 5s");
    Path ids = folder.resolve("ids");
    Running running = startAcknowledgedRun(ids, "--rate", "200");
    broker.freeze();
    Run run = running.ended();
    assertThat(run.status()).as(run.output()).isEqualTo(6);
    assertThat(run.summary("failed")).isPositive();
    assertThat(run.summary("acknowledged")).isEqualTo(acknowledgedSoFar(ids));
    assertThat(run.output())
        .contains("events were not acknowledged and may be missing from topic " + topic.name());
    broker.resume();
    assertThat(records().stream().map(ProducerIT::id)).containsAll(acknowledged(ids));
  }

  /** The broker is frozen for longer than the first attempt of an admin call. */
  @Test
  void shouldStartAndReadTheLogWhenAFrozenBrokerResumes() throws Exception {
    useDedicatedBroker();
    try (EventTopic opened = topic.open()) {
      assertThat(opened.endOffsets().sum()).isZero();
      broker.freeze();
      Running running = startRun("--count", "10", "--interval", "0");
      CompletableFuture<Void> resumed =
          CompletableFuture.runAsync(
              broker::resume, CompletableFuture.delayedExecutor(6, TimeUnit.SECONDS));
      assertThat(opened.endOffsets().sum()).isBetween(0L, 10L);
      resumed.join();
      Run run = running.ended();
      assertThat(run.status()).as(run.output()).isZero();
      assertThat(run.summary("acknowledged")).isEqualTo(10);
    }
  }

  @Test
  void shouldStopWhileItWaitsForKafka() throws Exception {
    servers = "127.0.0.1:" + closedPort();
    Running running = startRun("--count", "1");
    running.stop().request(ExitStatus.TERMINATED);
    assertThat(running.ended().status()).isEqualTo(ExitStatus.TERMINATED.code());
  }

  @Test
  void shouldContinueAfterARestartOfTheBroker() throws Exception {
    useDedicatedBroker();
    Path ids = folder.resolve("ids");
    Running running = startAcknowledgedRun(ids, "--rate", "200", "--count", "3000");
    broker.kill();
    broker.start();
    Run run = running.ended();
    assertThat(run.status()).as(run.output()).isZero();
    assertThat(run.summary("acknowledged")).isEqualTo(3000);
    assertThat(records().stream().map(ProducerIT::id))
        .containsExactlyInAnyOrderElementsOf(acknowledged(ids));
  }

  @Test
  void shouldShutDownInOrderWhileTheBrokerIsFrozen() throws Exception {
    useDedicatedBroker();
    settings("runtime.shutdown-timeout = 4s");
    Path ids = folder.resolve("ids");
    Running running = startAcknowledgedRun(ids, "--interval", "0");
    broker.freeze();
    running.stop().request(ExitStatus.TERMINATED);
    Run run = running.ended();
    broker.resume();
    assertThat(run.status()).as(run.output()).isEqualTo(6);
    assertThat(run.summary("acknowledged")).isEqualTo(acknowledgedSoFar(ids));
    assertThat(run.output()).contains("did not acknowledge the events in flight within 3 s");
  }

  @Test
  void shouldFailWhenItsClockAndTheBrokersDiffer() throws Exception {
    for (Duration difference : List.of(Duration.ofMinutes(-6), Duration.ofMinutes(6))) {
      ApplicationResult result =
          ApplicationRunner.run(
              new Producer(),
              settings(),
              InstantSource.offset(InstantSource.system(), difference),
              "--count",
              "10",
              "--interval",
              "0");
      assertThat(result.status()).isEqualTo(ExitStatus.USAGE_ERROR);
      assertThat(result.message()).contains("more than 5 minutes apart");
    }
  }

  /** The outcome of a run: exit code, output and message, and the document of {@code --result}. */
  private record Run(int status, String output, JsonNode document) {

    static Run of(ApplicationResult result) {
      return new Run(result.status().code(), result.output() + result.message(), result.toJson());
    }

    long summary(String name) {
      assertThat(document.path("result").path(name).isIntegralNumber()).as(output).isTrue();
      return document.path("result").path(name).asLong();
    }
  }

  /** A run in this JVM that has not ended. */
  private record Running(StopSignal stop, CompletableFuture<Run> run) {

    Run ended() throws Exception {
      return run.get(2, TimeUnit.MINUTES);
    }
  }

  private Settings settings() throws IOException {
    Path file = folder.resolve("settings.conf");
    String topicOfTest =
        "kafka { bootstrap-servers = \"%s\", topic = %s }\n".formatted(servers, topic.name());
    return Settings.of(topicOfTest + (Files.exists(file) ? Files.readString(file) : ""));
  }

  private Running startRun(String... arguments) throws IOException {
    StopSignal stop = new StopSignal();
    Settings settings = settings();
    return new Running(
        stop,
        CompletableFuture.supplyAsync(
            () -> Run.of(ApplicationRunner.run(new Producer(), settings, stop, arguments)),
            task -> new Thread(task, "producer").start()));
  }

  /** Starts a run with that ack journal. Returns when the file has more than 100 events. */
  private Running startAcknowledgedRun(Path ids, String... arguments) throws IOException {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--ack-journal", ids.toString()));
    Running running = startRun(all.toArray(String[]::new));
    awaitAcknowledged(ids, 100);
    return running;
  }

  private static void awaitAcknowledged(Path ids, int events) {
    await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> Files.exists(ids) && acknowledgedSoFar(ids) > events);
  }

  private Run run(String... arguments) throws Exception {
    return Run.of(ApplicationRunner.run(new Producer(), settings(), arguments));
  }

  private void settings(String hocon) throws IOException {
    Files.writeString(folder.resolve("settings.conf"), hocon);
  }

  private Process startProcess(String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                JavaCommand.launcher(),
                "-cp",
                System.getProperty("java.class.path"),
                Producer.class.getName()));
    command.addAll(List.of(arguments));
    command.addAll(List.of("--result", folder.resolve("result.json").toString()));
    ProcessBuilder builder =
        GuardedCommand.of(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("output").toFile());
    Map<String, String> environment = builder.environment();
    environment.put("FOLDLOG_KAFKA_BOOTSTRAP_SERVERS", servers);
    Path settings = folder.resolve("settings.conf");
    if (Files.exists(settings)) {
      environment.put("FOLDLOG_SETTINGS", settings.toString());
    }
    if (!Files.exists(settings) || !Files.readString(settings).contains("kafka.topic")) {
      environment.put("FOLDLOG_KAFKA_TOPIC", topic.name());
    }
    return GuardedCommand.start(builder);
  }

  private Run ended(Process process) throws Exception {
    try {
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    Path result = folder.resolve("result.json");
    return new Run(
        process.exitValue(),
        Files.readString(folder.resolve("output")),
        Files.exists(result)
            ? new ObjectMapper().readTree(result.toFile())
            : MissingNode.getInstance());
  }

  private List<LogRecord> records() {
    List<LogRecord> records = new ArrayList<>();
    try (EventTopic log = topic.open()) {
      log.readAll(log.endOffsets(), records::add);
    }
    return records;
  }

  private static String value(LogRecord record) {
    return new String(record.value(), StandardCharsets.UTF_8);
  }

  private static String id(LogRecord record) {
    Matcher matcher = Pattern.compile("\"id\":\"([^\"]+)\"").matcher(value(record));
    assertThat(matcher.find()).isTrue();
    return matcher.group(1);
  }

  private static List<String> acknowledged(Path file) {
    List<String> ids = new ArrayList<>();
    AckJournal.read(file, line -> ids.add(line.id()));
    return ids;
  }

  /** The number of acknowledged events. The first line has the end offsets. */
  private static long acknowledgedSoFar(Path file) throws IOException {
    try (Stream<String> lines = Files.lines(file)) {
      return Math.max(0, lines.count() - 1);
    }
  }

  private static int closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
