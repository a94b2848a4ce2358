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
 * The section {@code stack}, and what the launcher needs of the others.
 *
 * @param state everything that survives a restart, absolute
 * @param logs of every program, absolute
 * @param address where servers listen, and this machine's name for others
 * @param tls whether Kafka and Cassandra speak TLS, and Kafka's clients log in
 * @param kafka the broker
 * @param kafkaPublishedPort port of the containers' host for the broker's clients there
 * @param brokers hosts of all brokers of a cluster; empty for one alone
 * @param cassandra the node
 * @param seeds hosts that nodes of a cluster ask for the others; empty for one alone
 * @param speedLayer how spark-submit runs the speed layer
 * @param batchLayer how spark-submit runs the batch layer
 * @param sparkMaster where spark-submit runs both; blank for in its own process
 * @param supervisor where it answers beside its socket file; port 0 for nowhere
 * @param postgresql where Airflow's metadata database is
 * @param airflow what the settings say of Airflow and its DAGs
 * @param logFileBytes size at which a program's log is rotated
 * @param logFiles how many rotated logs of a program are kept
 * @param startupTimeoutSeconds how long a program waits for what it needs
 * @param shutdownTimeoutSeconds how long a program may take to end in order
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
    Place supervisor,
    Place postgresql,
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

  /** A server's name for others, and its port. */
  record Place(String host, Port port) {}

  /** A Spark application with a master of {@code local[cores]}. */
  record SparkProgram(int cores, int heapMebibytes, Port userInterface) {}

  /**
   * Airflow and its DAGs.
   *
   * @param server where its pages and its interface are served
   * @param ingestionSchedule when users are recorded, five cron fields in UTC
   * @param nightlySchedule when the nightly reconcile runs, likewise
   * @param reconcileAfterIngestion whether it also runs after each ingestion
   * @param healthSchedule when the components are checked, likewise
   * @param retryDelaySeconds from a failed task to its next try
   * @param failureWebhookFile absolute path of the file with the URL that failures are posted to;
   *     empty for none
   */
  record Airflow(
      Place server,
      String ingestionSchedule,
      String nightlySchedule,
      boolean reconcileAfterIngestion,
      String healthSchedule,
      long retryDelaySeconds,
      String failureWebhookFile) {}

  private static final String DEFAULTS = "foldlog/local-defaults.conf";

  /** The settings of all applications, as this stack runs them. */
  static Settings inForce(Settings settings) {
    return settings.withDefaults(DEFAULTS);
  }

  /** The text of {@link #settingsFile}. */
  static String settingsFileText(Settings settings) {
    return settings.fileFor("stack", DEFAULTS);
  }

  /** What the stack's programs read their settings from. */
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
        place(section, "supervisor", 0),
        place(section, "postgresql", 1),
        airflow(section),
        section.section("log").bytes("file-size"),
        section.section("log").integer("files", 1, 1_000),
        settings.startupTimeout().toSeconds(),
        settings.shutdownTimeout().toSeconds());
  }

  /**
   * Every port that a program of the stack listens on while it is up.
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

  /** Certificates, passwords and what clients read of them. */
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

  private static Place place(Settings.Section stack, String name, int lowest) {
    Settings.Section section = stack.section(name);
    int port = section.integer("port", lowest, 65_535);
    return new Place(section.text("host"), new Port("stack." + name + ".port", port));
  }

  private static Airflow airflow(Settings.Section stack) {
    Settings.Section section = stack.section("airflow");
    return new Airflow(
        place(stack, "airflow", 1),
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
      throw section.refuse("retry-delay", StackErrors.RETRY_DELAY_RULE);
    }
    return seconds;
  }

  /** The shape only; Airflow judges the fields. */
  private static String cron(Settings.Section section, String key) {
    String text = section.text(key);
    if (!CRON.matcher(text).matches()) {
      throw section.refuse(key, StackErrors.CRON_RULE);
    }
    return text;
  }

  private static Port port(Settings.Section section, String path, String key) {
    return new Port(path + "." + key, section.integer(key, 1, 65_535));
  }

  private static int heap(Settings.Section section) {
    long mebibytes = section.bytes("heap") / MEBIBYTE;
    if (mebibytes < 64 || mebibytes > 99_999) {
      throw section.refuse("heap", StackErrors.HEAP_RULE);
    }
    return (int) mebibytes;
  }
}
