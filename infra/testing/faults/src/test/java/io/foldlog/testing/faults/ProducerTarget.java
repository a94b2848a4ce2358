package io.foldlog.testing.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.foldlog.local.servers.GuardedCommand;
import io.foldlog.local.servers.JavaCommand;
import io.foldlog.local.servers.Signal;
import io.foldlog.producer.Producer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The producer as a process, which makes up events by a seed and keeps an account of them. */
final class ProducerTarget extends ProcessTarget {

  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int SOME_ACKNOWLEDGEMENTS = 5_000; // bytes of the account

  /** What it does when it is started again. */
  enum Again {
    /** The very same events from the first on, as a task that is retried. */
    RETRIES,
    /** Others: what was lost stays so. */
    BEGINS_ANOTHER_RUN
  }

  private final Path folder;
  private final Path settings;
  private final String name;
  private final int perSecond;
  private final Again again;
  private final List<Path> accounts = new ArrayList<>();
  private Instant asOf;

  /**
   * Starts it.
   *
   * @param name of its seeds and its files
   */
  ProducerTarget(Path folder, Path settings, String name, int perSecond, Again again)
      throws IOException {
    super(folder.resolve(name + ".log"));
    this.folder = folder;
    this.settings = settings;
    this.name = name;
    this.perSecond = perSecond;
    this.again = again;
    start();
  }

  /** The accounts of its runs; one that was killed before it began its own has sent nothing. */
  List<Path> accounts() throws IOException {
    List<Path> begun = new ArrayList<>();
    for (Path account : accounts) {
      if (Files.exists(account) && Files.readString(account).contains("\n")) {
        begun.add(account);
      }
    }
    return begun;
  }

  /** Returns when the log has acknowledged more. */
  void awaitAcknowledgements() throws IOException {
    long before = size();
    await()
        .atMost(LIMIT)
        .until(
            () -> {
              restartIfEnded();
              return size() - before > SOME_ACKNOWLEDGEMENTS;
            });
  }

  private long size() throws IOException {
    Path account = accounts.get(accounts.size() - 1);
    return Files.exists(account) ? Files.size(account) : 0;
  }

  private void restartIfEnded() throws Exception {
    if (!process().isAlive()) {
      assertThat(process().exitValue()).as(this::said).isEqualTo(6);
      start();
    }
  }

  /** SIGTERM; what it sent is acknowledged, or it says that it is not. */
  void end() throws Exception {
    if (process().isAlive()) {
      Signal.TERM.sendTo(process());
    }
    assertThat(process().waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(process().exitValue()).as(this::said).isIn(143, 6);
  }

  @Override
  public void kill() {
    process().destroyForcibly().onExit().join();
  }

  @Override
  Process launch(Path output) throws IOException {
    if (accounts.isEmpty() || again == Again.BEGINS_ANOTHER_RUN) {
      accounts.add(folder.resolve("%s-%d.jsonl".formatted(name, accounts.size() + 1)));
      asOf = Instant.now();
    }
    List<String> command =
        new ArrayList<>(
            List.of(
                JavaCommand.launcher(),
                "-Xmx192m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dlog4j2.configurationFile=classpath:log4j2.properties",
                "-cp",
                System.getProperty("java.class.path"),
                Producer.class.getName()));
    command.addAll(List.of("--settings", settings.toString(), "--source", "synthetic"));
    command.addAll(List.of("--event-weights", "65:25:10", "--rate", Integer.toString(perSecond)));
    command.addAll(List.of("--seed", name + "-" + accounts.size(), "--as-of", asOf.toString()));
    command.addAll(List.of("--ack-journal", accounts.get(accounts.size() - 1).toString()));
    return GuardedCommand.start(
        GuardedCommand.of(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile())));
  }
}
