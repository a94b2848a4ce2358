package io.foldlog.testing.bench;

import io.foldlog.local.servers.GuardedCommand;
import io.foldlog.log.KafkaClients;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A process that writes a topic into the view, and the workload of that topic. */
final class Client implements AutoCloseable {

  private final String name;
  private final Process process;
  private final Workload workload;

  private Client(String name, Process process, Workload workload) {
    this.name = name;
    this.process = process;
    this.workload = workload;
  }

  static Client start(
      String name, List<String> command, Path log, KafkaClients connection, String topic)
      throws IOException {
    ProcessBuilder builder =
        GuardedCommand.of(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().putAll(Map.of("SPARK_LOCAL_IP", "127.0.0.1"));
    return new Client(name, GuardedCommand.start(builder), new Workload(connection, topic));
  }

  String name() {
    return name;
  }

  Workload workload() {
    return workload;
  }

  void requireAlive() {
    if (!process.isAlive()) {
      throw new IllegalStateException(name + " ended with status " + process.exitValue());
    }
  }

  /** Sends SIGSTOP, so that a backlog forms. */
  void freeze() throws IOException, InterruptedException {
    signal("-STOP");
  }

  void resume() throws IOException, InterruptedException {
    signal("-CONT");
  }

  private void signal(String signal) throws IOException, InterruptedException {
    new ProcessBuilder("kill", signal, Long.toString(process.pid())).start().waitFor();
  }

  @Override
  public void close() {
    workload.close();
    try {
      resume();
      process.toHandle().destroy(); // Process.destroy also closes the guard's pipe
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (IOException | InterruptedException failure) {
      process.destroyForcibly();
    }
  }
}
