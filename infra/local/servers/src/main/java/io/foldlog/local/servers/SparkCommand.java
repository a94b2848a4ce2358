package io.foldlog.local.servers;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The command that runs a Spark application's main as a process of its own, in tests: by
 * spark-submit with the module's fat jar where the environment variable SPARK_HOME says which
 * Spark, else by java on the class path of the tests.
 */
public final class SparkCommand {

  private static final String HEAP = "768m";

  private SparkCommand() {}

  /**
   * The command, to which the main's arguments are to be added.
   *
   * @param main the class
   * @param module that has it: its folder, and the name of its fat jar
   * @param taskSlots how many tasks run at once
   * @param javaOptions of the process
   */
  public static List<String> of(
      Class<?> main, String module, int taskSlots, String... javaOptions) {
    List<String> command = new ArrayList<>();
    String sparkHome = System.getenv("SPARK_HOME");
    String master = "local[%d]".formatted(taskSlots);
    if (sparkHome != null) {
      command.add(Path.of(sparkHome, "bin", "spark-submit").toString());
      command.addAll(List.of("--master", master, "--driver-memory", HEAP));
      if (javaOptions.length > 0) {
        command.addAll(List.of("--driver-java-options", String.join(" ", javaOptions)));
      }
      command.addAll(List.of("--conf", "spark.ui.enabled=false"));
      command.addAll(List.of("--class", main.getName(), fatJar(module).toString()));
    } else {
      command.add(JavaCommand.launcher());
      command.addAll(List.of(System.getProperty("foldlog.spark.opens").split(" ")));
      command.addAll(List.of("-Xmx" + HEAP, "-Dspark.master=" + master));
      command.add("-Dlog4j2.configurationFile=classpath:log4j2.properties");
      command.addAll(Arrays.asList(javaOptions));
      command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    }
    return command;
  }

  /** Built before any integration test, in the module's folder of this checkout. */
  private static Path fatJar(String module) {
    Path relative = Path.of(module, "target", module + "-fat.jar");
    for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
      if (Files.exists(folder.resolve(relative))) {
        return folder.resolve(relative);
      }
    }
    throw new IllegalStateException("No " + relative + " above the working directory");
  }
}
