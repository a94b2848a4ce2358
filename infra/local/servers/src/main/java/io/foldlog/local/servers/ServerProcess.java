package io.foldlog.local.servers;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A server as a child process. It ends with this JVM, even when this JVM is killed ({@link
 * GuardedCommand}).
 *
 * <p>Not thread-safe.
 */
public abstract class ServerProcess implements AutoCloseable {

  private static final Duration START_TIMEOUT = Duration.ofMinutes(3);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(40);

  /**
   * Halves the start time. A server that runs for minutes does not need the optimising compiler.
   */
  private static final String QUICK_START = "-XX:TieredStopAtLevel=1";

  private final String name;
  private final Path folder;
  private Process process;
  private int starts;

  ServerProcess(String name, Path folder) {
    this.name = requireNonNull(name);
    this.folder = requireNonNull(folder);
  }

  /** Prepares the folder; returns how to start the server. */
  abstract Launch launch() throws IOException;

  /**
   * How to start a server.
   *
   * @param options JVM options in addition to those of the argument file
   * @param argumentFile of the {@code java} launcher
   * @param readyMessages the log contains all of them once the server is ready
   */
  record Launch(List<String> options, Path argumentFile, List<String> readyMessages) {
    Launch {
      options = List.copyOf(options);
      requireNonNull(argumentFile);
      readyMessages = List.copyOf(readyMessages);
    }
  }

  /**
   * Starts the server with the data in its folder and returns when it is ready.
   *
   * @throws IllegalStateException if it runs already, ends, or is not ready in time; the message
   *     contains the end of its log
   */
  public void start() {
    if (isRunning()) {
      throw new IllegalStateException(name + " runs already, as process " + pid());
    }
    try {
      Launch launch = launch();
      starts++;
      List<String> command = new ArrayList<>(List.of(JavaCommand.launcher(), QUICK_START));
      command.addAll(launch.options());
      command.add("@" + launch.argumentFile());
      process =
          GuardedCommand.start(
              GuardedCommand.of(command)
                  .directory(folder.toFile())
                  .redirectErrorStream(true)
                  .redirectOutput(log().toFile()));
      awaitReady(launch.readyMessages());
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot start " + name + " in " + folder, failure);
    }
  }

  private void awaitReady(List<String> messages) throws IOException {
    long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
    while (!messages.stream().allMatch(logText()::contains)) {
      boolean ended = waitFor(Duration.ofMillis(100));
      if (ended || System.nanoTime() > deadline) {
        String outcome =
            ended
                ? "ended with " + process.exitValue()
                : "was not ready within " + START_TIMEOUT.toSeconds() + " s";
        kill();
        throw new IllegalStateException(
            "%s %s; the end of its log %s:%n%s".formatted(name, outcome, log(), logTail()));
      }
    }
  }

  /** Sends SIGTERM and returns when the server has ended. Its folder stays. */
  public void stop() {
    if (isRunning()) {
      signal(Signal.CONT);
      signal(Signal.TERM);
      if (!waitFor(STOP_TIMEOUT)) {
        kill();
      }
    }
  }

  /** Sends SIGKILL, also to a frozen server, and returns when it has ended. */
  public void kill() {
    if (process != null) {
      process.destroyForcibly();
      waitFor(STOP_TIMEOUT);
    }
  }

  /**
   * Sends SIGSTOP: connections stay open, and the server answers no request until {@link #resume}.
   */
  public void freeze() {
    signal(Signal.STOP);
  }

  /** Sends SIGCONT, which resumes a frozen server. */
  public void resume() {
    signal(Signal.CONT);
  }

  public boolean isRunning() {
    return process != null && process.isAlive();
  }

  /** The process id of the server itself. */
  public long pid() {
    if (process == null) {
      throw new IllegalStateException(name + " was never started");
    }
    return process.pid();
  }

  /** The log of the server since its last start. Each start has a separate file. */
  public Path log() {
    return folder.resolve("server-%d.log".formatted(starts));
  }

  String logText() throws IOException {
    return Files.exists(log()) ? new String(Files.readAllBytes(log()), StandardCharsets.UTF_8) : "";
  }

  private String logTail() throws IOException {
    List<String> lines = logText().lines().toList();
    try (Stream<String> tail = lines.stream().skip(Math.max(0, lines.size() - 30))) {
      return String.join(System.lineSeparator(), tail.toList());
    }
  }

  private void signal(Signal signal) {
    if (!isRunning()) {
      throw new IllegalStateException(name + " does not run");
    }
    signal.sendTo(process);
  }

  private boolean waitFor(Duration duration) {
    try {
      return process.waitFor(duration.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException interruption) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while waiting for " + name, interruption);
    }
  }

  /** Kills the server. Call {@link #stop()} first for an orderly shutdown. */
  @Override
  public void close() {
    kill();
  }
}
