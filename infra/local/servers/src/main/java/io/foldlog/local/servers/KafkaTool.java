package io.foldlog.local.servers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A command-line tool of Kafka, with the class path of the local broker. */
public enum KafkaTool {
  /** {@code kafka-transactions.sh}. */
  TRANSACTIONS("org.apache.kafka.tools.TransactionsCommand");

  private final String mainClass;

  KafkaTool(String mainClass) {
    this.mainClass = mainClass;
  }

  /**
   * Starts the tool as a process.
   *
   * @param output receives standard output and standard error
   * @param arguments as those of the script
   */
  public Process start(Path output, List<String> arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                JavaCommand.launcher(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                ServerClassPath.of("kafka").toString(),
                mainClass));
    command.addAll(arguments);
    return GuardedCommand.start(
        GuardedCommand.of(command).redirectErrorStream(true).redirectOutput(output.toFile()));
  }
}
