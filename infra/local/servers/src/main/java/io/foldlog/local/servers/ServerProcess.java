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
 * A server that runs as a child of this process and ends with it, even when this process is killed
 * ({@link GuardedCommand}).
 *
 * <p>Its methods are for one thread at a time.
 */
public abstract class ServerProcess implements AutoCloseable {

  private static final Duration START_LIMIT = Duration.ofMinutes(3);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(40);

  /** Halves the time to the first answer; a server that runs for minutes needs no better code. */
  private static final String QUICK_START = "-XX:TieredStopAtLevel=1";

  private final String name;
  private final Path folder;
  private Process process;
  private int starts;

  ServerProcess(String name, Path folder) {
    this.name = requireNonNull(name);
    this.folder = requireNonNull(folder);
  }

  /** Prepares the folder; gives the argument file and what the log says once it serves. */
  abstract Launch launch() throws IOException;

  /**
   * @param options of this JVM alone, besides those of the argument file
   * @param argumentFile of the {@code java} launcher
   * @param readyWords all of which stand in the log once the server serves
   */
  record Launch(List<String> options, Path argumentFile, List<String> readyWords) {
    Launch {
      options = List.copyOf(options);
      requireNonNull(argumentFile);
      readyWords = List.copyOf(readyWords);
    }
  }

  /**
   * Starts the server on what its folder holds and returns when it serves.
   *
   * @throws IllegalStateException when it runs already, ends, or does not serve in time; the
   *     message holds the end of its log
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
      awaitReady(launch.readyWords());
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot start " + name + " in " + folder, failure);
    }
  }

  private void awaitReady(List<String> words) throws IOException {
    long limit = System.nanoTime() + START_LIMIT.toNanos();
    while (!words.stream().allMatch(logText()::contains)) {
      boolean ended = waitFor(Duration.ofMillis(100));
      if (ended || System.nanoTime() > limit) {
        String outcome =
            ended
                ? "ended with " + process.exitValue()
                : "did not serve within " + START_LIMIT.toSeconds() + " s";
        kill();
        throw new IllegalStateException(
            "%s %s; the end of its log %s:%n%s".formatted(name, outcome, log(), logTail()));
      }
    }
  }

  /** Ends the server in order (SIGTERM) and returns when it is gone; its folder stays. */
  public void stop() {
    if (isRunning()) {
      signal(Signal.CONT);
      signal(Signal.TERM);
      if (!waitFor(STOP_LIMIT)) {
        kill();
      }
    }
  }

  /** Ends the server at once (SIGKILL), frozen or not, and returns when it is gone. */
  public void kill() {
    if (process != null) {
      process.destroyForcibly();
      waitFor(STOP_LIMIT);
    }
  }

  /** Stops its time (SIGSTOP): connections stay open and nothing answers until {@link #thaw}. */
  public void freeze() {
    signal(Signal.STOP);
  }

  /** Lets a frozen server go on (SIGCONT). */
  public void thaw() {
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

  /** What the server has logged since its last start; each start has a file of its own. */
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

  /** Kills the server; for an orderly end call {@link #stop()} before. */
  @Override
  public void close() {
    kill();
  }
}
