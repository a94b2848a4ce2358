package io.foldlog.testing.bench;

import io.foldlog.contract.PipelineException;
import io.foldlog.local.servers.CassandraNode;
import io.foldlog.local.servers.CassandraSpecification;
import io.foldlog.local.servers.JavaCommand;
import io.foldlog.local.servers.KafkaNode;
import io.foldlog.log.KafkaClients;
import io.foldlog.log.TopicProvisioning;
import io.foldlog.log.TopicSpecification;
import io.foldlog.runtime.Application;
import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import io.foldlog.runtime.Settings;
import io.foldlog.runtime.StopSignal;
import io.foldlog.view.ViewConnection;
import io.foldlog.view.ViewCredentials;
import io.foldlog.view.ViewProvisioning;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures the speed layer and the plain consumer on the same servers. Each has its own topic. They
 * run in alternation, and each round compares them.
 */
@Command(
    name = "bench",
    description = "Measures the speed layer and a plain Java consumer in one run.",
    sortOptions = false)
public final class Bench implements ApplicationCommand {

  private static final PrintStream OUT = System.out;
  private static final int PARTITIONS = 2;
  private static final long MAX_MEASURED_USERS = 2_048;
  private static final long WARM_UP_BACKLOG = 40_000;
  private static final Duration DELAY_ROUND = Duration.ofSeconds(30);

  @Option(names = "--events", defaultValue = "300000", description = "Events per backlog.")
  private long events;

  @Option(
      names = "--rate",
      defaultValue = "200",
      description = "Events per second in the delay rounds.")
  private long rate;

  @Option(names = "--rounds", defaultValue = "3", description = "Rounds of each measurement.")
  private int rounds;

  @Option(
      names = "--warm-up",
      defaultValue = "90",
      description = "Warm-up of each client, in seconds.")
  private long warmUpSeconds;

  @Option(
      names = "--trigger",
      defaultValue = "continuous",
      description = "Trigger of the speed layer: continuous or micro-batch.")
  private String trigger;

  @Option(
      names = "--speed-layer",
      defaultValue = "speed-layer/target/speed-layer-fat.jar",
      description = "The speed layer's jar for spark-submit.")
  private Path speedLayerJar;

  @Option(
      names = "--output",
      defaultValue = "infra/testing/bench/target/bench.md",
      description = "The file for the results.")
  private Path output;

  private int round;

  public static void main(String[] arguments) {
    Application.main(new Bench(), arguments);
  }

  @Override
  public ApplicationOutcome run(ApplicationContext context) throws Exception {
    Settings settings = context.settings();
    StopSignal stop = context.stop();
    Path sparkSubmit = sparkSubmit();
    if (!Files.exists(speedLayerJar)) {
      throw PipelineException.usageError(speedLayerJar + " does not exist. Run make build.");
    }
    Path folder = Files.createTempDirectory("foldlog-bench-");
    Thread main = Thread.currentThread();
    stop.onRequest(main::interrupt);
    try (KafkaNode kafka = KafkaNode.in(folder.resolve("kafka"));
        CassandraNode cassandra = CassandraNode.in(folder.resolve("cassandra"))) {
      print("starting Kafka and Cassandra");
      kafka.start();
      cassandra.start();
      measure(sparkSubmit, folder, kafka, cassandra);
    } finally {
      delete(folder);
    }
    return ApplicationOutcome.success();
  }

  private void measure(Path sparkSubmit, Path folder, KafkaNode kafka, CassandraNode cassandra)
      throws Exception {
    KafkaClients log = KafkaClients.to(kafka.bootstrapServers());
    provision(folder, log, cassandra);
    Path speedSettings = settings(folder, kafka, cassandra, "bench_speed_layer");
    Path plainSettings = settings(folder, kafka, cassandra, "bench_plain_consumer");
    List<String> speedCommand =
        List.of(
            sparkSubmit.toString(),
            "--master",
            "local[" + PARTITIONS + "]",
            "--driver-memory",
            "768m",
            "--driver-java-options",
            "-Dlog4j2.configurationFile=classpath:log4j2.properties",
            "--class",
            "io.foldlog.speed.SpeedLayer",
            speedLayerJar.toString(),
            "--settings",
            speedSettings.toString());
    try (Client speedLayer =
            Client.start(
                "speed layer",
                speedCommand,
                folder.resolve("speed.log"),
                log,
                "bench_speed_layer");
        Client plainConsumer =
            Client.start(
                "plain consumer",
                java("768m", PlainConsumer.class, plainSettings),
                folder.resolve("plain.log"),
                log,
                "bench_plain_consumer");
        Reader reader = new Reader(java("256m", VisibilityReader.class, plainSettings), folder)) {
      Measurement drain = Measurement.of("draining " + events + " events", "events/s");
      Measurement p50 = Measurement.of("event to visible at " + rate + "/s, p50", "ms");
      Measurement p99 = Measurement.of("event to visible at " + rate + "/s, p99", "ms");
      List<Client> clients = List.of(speedLayer, plainConsumer);
      for (Client client : clients) {
        warmUp(client, reader);
      }
      for (int count = 1; count <= rounds; count++) {
        for (Client client : clients) {
          double perSecond = drain(client, reader, events);
          (client == speedLayer ? drain.speedLayer() : drain.plainConsumer()).add(perSecond);
          print("round %d: %s drains %,.0f events/s", count, client.name(), perSecond);
        }
      }
      for (int count = 1; count <= rounds; count++) {
        for (Client client : clients) {
          long[] delays = delays(client, reader, rate * DELAY_ROUND.toSeconds());
          double p50Millis = delays[delays.length / 2] / 1000.0;
          double p99Millis = delays[(int) (delays.length * 0.99)] / 1000.0;
          (client == speedLayer ? p50.speedLayer() : p50.plainConsumer()).add(p50Millis);
          (client == speedLayer ? p99.speedLayer() : p99.plainConsumer()).add(p99Millis);
          print(
              "round %d: %s p50 %.1f ms, p99 %.1f ms", count, client.name(), p50Millis, p99Millis);
        }
      }
      report(drain, p50, p99);
    } catch (Exception failure) {
      tail(folder.resolve("speed.log"));
      tail(folder.resolve("plain.log"));
      tail(folder.resolve("reader.log"));
      tail(cassandra.log());
      tail(kafka.log());
      throw failure;
    }
  }

  private void warmUp(Client client, Reader reader) throws Exception {
    print("warming up %s for %d s", client.name(), warmUpSeconds);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(warmUpSeconds);
    do {
      drain(client, reader, WARM_UP_BACKLOG);
      delays(client, reader, rate * 5);
    } while (System.nanoTime() < end);
  }

  /**
   * Returns the events per second from the start of the drain until the last user of the backlog is
   * visible.
   */
  private double drain(Client client, Reader reader, long count) throws Exception {
    client.requireAlive();
    int number = round++;
    client.freeze();
    client.workload().backlog(number, count);
    long started = System.nanoTime();
    client.resume();
    long measured = Math.min(count, MAX_MEASURED_USERS);
    reader.measure(number, count - measured, measured, Instant.now(), Duration.ZERO);
    return count * 1e9 / (System.nanoTime() - started);
  }

  private long[] delays(Client client, Reader reader, long count) throws Exception {
    client.requireAlive();
    int number = round++;
    Duration interval = Duration.ofSeconds(1).dividedBy(rate);
    Instant start = Instant.now().plusMillis(200);
    reader.request(number, 0, count, start, interval);
    client.workload().steady(number, count, start, interval);
    return reader.response();
  }

  private void report(Measurement... measurements) throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add(
        "Medians of %d rounds after %d s of warm-up; trigger %s; %d processors, Java %s."
            .formatted(
                rounds,
                warmUpSeconds,
                trigger,
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("java.version")));
    lines.add("");
    lines.add("| measurement | speed layer | plain consumer | ratio |");
    lines.add("| --- | --- | --- | --- |");
    Stream.of(measurements).map(Measurement::row).forEach(lines::add);
    Files.createDirectories(output.toAbsolutePath().getParent());
    Files.write(output, lines);
    lines.forEach(OUT::println);
    print("written to %s", output);
  }

  private static Path sparkSubmit() {
    String home = System.getenv("SPARK_HOME");
    if (home == null) {
      throw PipelineException.usageError("SPARK_HOME is not set. Run make bench, which sets it.");
    }
    return Path.of(home, "bin", "spark-submit");
  }

  private static void provision(Path folder, KafkaClients log, CassandraNode cassandra)
      throws Exception {
    for (String topic : List.of("bench_speed_layer", "bench_plain_consumer")) {
      TopicSpecification specification = TopicSpecification.log(topic, PARTITIONS, 1, 1 << 20);
      TopicProvisioning.provision(log, specification);
      TopicProvisioning.provision(log, specification.deadLetters(topic + ".dead-letter"));
    }
    new ViewProvisioning(
            new ViewConnection(
                List.of(cassandra.contactPoint()),
                CassandraSpecification.DATA_CENTER,
                "spark_streams",
                credentials(folder, "admin")),
            Map.of(CassandraSpecification.DATA_CENTER, 1),
            credentials(folder, "writer"),
            credentials(folder, "reader"))
        .provision(Duration.ofMinutes(1));
  }

  private static ViewCredentials credentials(Path folder, String role) throws IOException {
    Path file = folder.resolve(role + ".password");
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, UUID.randomUUID().toString());
    return new ViewCredentials("pipeline_" + role, Files.readString(file));
  }

  private Path settings(Path folder, KafkaNode kafka, CassandraNode cassandra, String topic)
      throws IOException {
    return Files.writeString(
        folder.resolve(topic + ".conf"),
        """
        kafka { bootstrap-servers = "%s", topic = %s }
        cassandra {
          port = %d
          writer.password-file = "%4$s/writer.password"
          reader.password-file = "%4$s/reader.password"
        }
        speed-layer {
          trigger = %5$s
          ui-port = 0
          checkpoint = "%4$s/%2$s/checkpoint"
          status-file = "%4$s/%2$s/status.json"
        }
        """
            .formatted(
                kafka.bootstrapServers(),
                topic,
                cassandra.contactPoint().getPort(),
                folder,
                trigger));
  }

  private static List<String> java(String heap, Class<?> main, Path settings) {
    return List.of(
        JavaCommand.launcher(),
        "-Xmx" + heap,
        "-cp",
        System.getProperty("java.class.path"),
        main.getName(),
        "--settings",
        settings.toString());
  }

  /**
   * The reader process. It runs for all rounds, so that its JVM is as warm as the clients' JVMs.
   */
  private static final class Reader implements AutoCloseable {

    private final Process process;
    private final Writer requests;
    private final BufferedReader responses;

    Reader(List<String> command, Path folder) throws IOException {
      process =
          new ProcessBuilder(command).redirectError(folder.resolve("reader.log").toFile()).start();
      requests = process.outputWriter(StandardCharsets.UTF_8);
      responses = process.inputReader(StandardCharsets.UTF_8);
    }

    long[] measure(int round, long from, long count, Instant start, Duration interval)
        throws IOException {
      request(round, from, count, start, interval);
      return response();
    }

    void request(int round, long from, long count, Instant start, Duration interval)
        throws IOException {
      requests.write("%d %d %d %s %d%n".formatted(round, from, count, start, interval.toNanos()));
      requests.flush();
    }

    long[] response() throws IOException {
      String line = responses.readLine();
      if (line == null) {
        throw new IllegalStateException("The reader process ended without a response");
      }
      return Arrays.stream(line.split(" ")).mapToLong(Long::parseLong).toArray();
    }

    @Override
    public void close() {
      process.destroy();
    }
  }

  private static void tail(Path log) throws IOException {
    if (Files.exists(log)) {
      List<String> lines = Files.readAllLines(log);
      print("last lines of %s:", log.getFileName());
      lines.subList(Math.max(0, lines.size() - 30), lines.size()).forEach(OUT::println);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }

  private static void print(String format, Object... values) {
    OUT.printf("bench: " + format + "%n", values);
  }
}
