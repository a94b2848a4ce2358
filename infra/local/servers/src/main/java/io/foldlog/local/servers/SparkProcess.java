package io.foldlog.local.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A Spark application in a separate process, for tests. If the environment variable SPARK_HOME is
 * set, spark-submit runs the module's fat jar; otherwise java runs the application on the tests'
 * class path. The process ends with the test's JVM ({@link GuardedCommand}).
 */
public final class SparkProcess {

  private static final Path LOGGING =
      Path.of("infra", "runtime", "src", "main", "resources", "log4j2.properties");

  private final Class<?> main;
  private final String module;
  private int taskSlots = 2;
  private String heap = "768m";
  private List<String> javaOptions = List.of();

  private SparkProcess(Class<?> main, String module) {
    this.main = main;
    this.module = module;
  }

  /**
   * A process with two task slots and a heap of 768 MiB.
   *
   * @param main the main class
   * @param module folder of the module with the main class, which is also the name of its fat jar
   */
  public static SparkProcess of(Class<?> main, String module) {
    return new SparkProcess(main, module);
  }

  /** Sets the number of tasks that run at the same time. */
  public SparkProcess taskSlots(int slots) {
    taskSlots = slots;
    return this;
  }

  /** Sets the heap size, in the syntax of java's -Xmx. */
  public SparkProcess heap(String size) {
    heap = size;
    return this;
  }

  public SparkProcess javaOptions(List<String> options) {
    javaOptions = List.copyOf(options);
    return this;
  }

  /**
   * Starts the process.
   *
   * @param output receives standard output and standard error; temporary files go to the same
   *     folder, so that those of a killed process are deleted with the test's folder
   * @param arguments of the application
   */
  public Process start(Path output, List<String> arguments) throws IOException {
    List<String> options = new ArrayList<>(javaOptions);
    // the process runs for seconds: the quick compiler and the serial collector are the cheapest
    options.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    // a file, as in the local stack: spark-submit logs before it knows the application's jar
    options.add("-Dlog4j2.configurationFile=" + inCheckout(LOGGING).toUri());
    options.add("-Djava.io.tmpdir=" + output.toAbsolutePath().getParent());
    List<String> command = command("local[%d]".formatted(taskSlots), options);
    command.addAll(arguments);
    ProcessBuilder builder =
        GuardedCommand.of(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    return GuardedCommand.start(builder);
  }

  private List<String> command(String master, List<String> options) {
    List<String> command = new ArrayList<>();
    String sparkHome = System.getenv("SPARK_HOME");
    if (sparkHome != null) {
      command.add(Path.of(sparkHome, "bin", "spark-submit").toString());
      command.addAll(List.of("--master", master, "--driver-memory", heap));
      command.addAll(List.of("--driver-java-options", quoted(options)));
      command.addAll(List.of("--conf", "spark.ui.enabled=false"));
      command.addAll(List.of("--class", main.getName(), fatJar(module).toString()));
    } else {
      command.add(JavaCommand.launcher());
      command.addAll(List.of(System.getProperty("foldlog.spark.opens").split(" ")));
      command.addAll(List.of("-Xmx" + heap, "-Dspark.master=" + master));
      command.addAll(options);
      command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    }
    return command;
  }

  /** In the syntax of spark-submit, for paths with spaces. */
  private static String quoted(List<String> options) {
    return options.stream()
        .map(option -> '"' + option.replace("\\", "\\\\").replace("\"", "\\\"") + '"')
        .collect(Collectors.joining(" "));
  }

  /** The build creates the fat jar before any integration test. */
  private static Path fatJar(String module) {
    return inCheckout(Path.of(module, "target", module + "-fat.jar"));
  }

  private static Path inCheckout(Path relative) {
    for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
      if (Files.exists(folder.resolve(relative))) {
        return folder.resolve(relative);
      }
    }
    throw new IllegalStateException("No " + relative + " above the working directory");
  }
}
