package io.foldlog.local.stack;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.foldlog.local.servers.ServerAddress;
import io.foldlog.runtime.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The section {@code stack}, and the timeouts of the section {@code runtime}.
 *
 * @param state absolute path of the folder of all data that survives a restart
 * @param logs absolute path of the folder of the programs' logs
 * @param address where servers listen, and this machine's host name for others
 * @param tls whether Kafka and Cassandra use TLS, and Kafka's clients log in
 * @param kafka the broker
 * @param kafkaPublishedPort port of the containers' host for the broker's clients there
 * @param brokers hosts of all brokers of a cluster; empty for a single broker
 * @param cassandra the node
 * @param seeds seed hosts of a cluster; empty for a single node
 * @param speedLayer how spark-submit runs the speed layer
 * @param batchLayer how spark-submit runs the batch layer
 * @param sparkMaster Spark master of both layers; blank for {@code local[cores]}
 * @param supervisor address of supervisord in addition to its socket file; port 0 for none
 * @param postgresql address of Airflow's metadata database
 * @param airflow settings of Airflow and its DAGs
 * @param logFileBytes size at which a program's log is rotated
 * @param logFiles number of rotated logs of a program that are kept
 * @param startupTimeoutSeconds how long a program waits for a server
 * @param shutdownTimeoutSeconds how long the orderly end of a program may take
 */
record StackSettings(
    Path state,
    Path logs,
    ServerAddress address,
    boolean tls,
    Server kafka,
    @JsonIgnore OptionalInt kafkaPublishedPort,
    List<String> brokers,
    Server cassandra,
    List<String> seeds,
    SparkProgram speedLayer,
    SparkProgram batchLayer,
    String sparkMaster,
    Endpoint supervisor,
    Endpoint postgresql,
    Airflow airflow,
    long logFileBytes,
    int logFiles,
    long startupTimeoutSeconds,
    long shutdownTimeoutSeconds) {

  private static final long MEBIBYTE = 1024 * 1024;
  private static final Pattern CRON = Pattern.compile("[0-9*/,-]+( [0-9A-Za-z*/,#?-]+){4}");

  /** A server with the port of its clients and that of its peers. */
  record Server(Port clients, Port peers, int heapMebibytes) {}

  /** A port on 127.0.0.1, and the setting that changes it. */
  record Port(String setting, int number) {}

  /** A server's host name for others, and its port. */
  record Endpoint(String host, Port port) {}

  /** Resources and UI port of a Spark application. */
  record SparkProgram(int cores, int heapMebibytes, Port userInterface) {}

  /**
   * Airflow and its DAGs.
   *
   * @param server address of the API server
   * @param ingestionSchedule schedule of user_automation, five cron fields in UTC
   * @param nightlySchedule schedule of nightly_reconcile, five cron fields in UTC
   * @param reconcileAfterIngestion whether nightly_reconcile also runs after each ingestion
   * @param healthSchedule schedule of streaming_pipeline, five cron fields in UTC
   * @param retryDelaySeconds from a failed task to its first retry
   * @param failureWebhookFile absolute path of the file with the URL that failures are posted to;
   *     empty for none
   */
  record Airflow(
      Endpoint server,
      String ingestionSchedule,
      String nightlySchedule,
      boolean reconcileAfterIngestion,
      String healthSchedule,
      long retryDelaySeconds,
      String failureWebhookFile) {}

  private static final String DEFAULTS = "foldlog/local-defaults.conf";

  /** Adds the defaults of the local stack to the settings. */
  static Settings withStackDefaults(Settings settings) {
    return settings.withDefaults(DEFAULTS);
  }

  /** The text of {@link #settingsFile}. */
  static String settingsFileText(Settings settings) {
    return settings.fileFor("stack", DEFAULTS);
  }

  /** The settings file of the stack's programs. */
  Path settingsFile() {
    return state.resolve("run").resolve("settings.conf");
  }

  static StackSettings from(Settings settings) {
    Settings.Section section = settings.section("stack");
    Path root = section.path("root").toAbsolutePath().normalize();
    return new StackSettings(
        root.resolve("state"),
        root.resolve("logs"),
        new ServerAddress(section.text("bind-address"), section.text("host")),
        section.flag("tls"),
        server(section, "kafka", "controller-port"),
        publishedPort(section.section("kafka")),
        section.section("kafka").textList("brokers"),
        server(section, "cassandra", "storage-port"),
        section.section("cassandra").textList("seeds"),
        sparkProgram(section, "speed-layer"),
        sparkProgram(section, "batch-layer"),
        section.optionalText("spark-master").orElse(""),
        endpoint(section, "supervisor", 0),
        endpoint(section, "postgresql", 1),
        airflow(section),
        section.section("log").bytes("file-size"),
        section.section("log").integer("files", 1, 1_000),
        settings.startupTimeout().toSeconds(),
        settings.shutdownTimeout().toSeconds());
  }

  /**
   * All ports that the running stack listens on.
   *
   * @param external servers that the stack does not run
   */
  List<Port> ports(Set<Server> external) {
    List<Port> ports = new ArrayList<>();
    for (Server server : List.of(kafka, cassandra)) {
      if (!external.contains(server)) {
        ports.add(server.clients());
        ports.add(server.peers());
      }
    }
    ports.addAll(List.of(speedLayer.userInterface(), postgresql.port(), airflow.server().port()));
    return List.copyOf(ports);
  }

  /** The folder of certificates, passwords and client files. */
  Path secrets() {
    return state.resolve("secrets");
  }

  private static Server server(Settings.Section stack, String name, String peers) {
    Settings.Section section = stack.section(name);
    return new Server(
        port(section, "stack." + name, "port"),
        port(section, "stack." + name, peers),
        heap(section));
  }

  private static OptionalInt publishedPort(Settings.Section kafka) {
    int port = kafka.integer("published-port", 0, 65_535);
    return port == 0 ? OptionalInt.empty() : OptionalInt.of(port);
  }

  private static SparkProgram sparkProgram(Settings.Section stack, String name) {
    Settings.Section section = stack.section(name);
    return new SparkProgram(
        section.integer("cores", 1, 1_024),
        heap(section),
        port(section, "stack." + name, "ui-port"));
  }

  private static Endpoint endpoint(Settings.Section stack, String name, int minPort) {
    Settings.Section section = stack.section(name);
    int port = section.integer("port", minPort, 65_535);
    return new Endpoint(section.text("host"), new Port("stack." + name + ".port", port));
  }

  private static Airflow airflow(Settings.Section stack) {
    Settings.Section section = stack.section("airflow");
    return new Airflow(
        endpoint(stack, "airflow", 1),
        cron(section, "ingestion-schedule"),
        cron(section, "nightly-schedule"),
        section.flag("reconcile-after-ingestion"),
        cron(section, "health-schedule"),
        retryDelay(section),
        section
            .optionalPath("failure-webhook-file")
            .map(file -> file.toAbsolutePath().toString())
            .orElse(""));
  }

  private static long retryDelay(Settings.Section section) {
    long seconds = section.duration("retry-delay").toSeconds();
    if (seconds < 1 || seconds > 600) {
      throw section.reject("retry-delay", StackErrors.RETRY_DELAY_RULE);
    }
    return seconds;
  }

  /** Checks only the number and characters of the fields; Airflow checks their values. */
  private static String cron(Settings.Section section, String key) {
    String text = section.text(key);
    if (!CRON.matcher(text).matches()) {
      throw section.reject(key, StackErrors.CRON_RULE);
    }
    return text;
  }

  private static Port port(Settings.Section section, String path, String key) {
    return new Port(path + "." + key, section.integer(key, 1, 65_535));
  }

  private static int heap(Settings.Section section) {
    long mebibytes = section.bytes("heap") / MEBIBYTE;
    if (mebibytes < 64 || mebibytes > 99_999) {
      throw section.reject("heap", StackErrors.HEAP_RULE);
    }
    return (int) mebibytes;
  }
}
