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

/** The producer as a process, with synthetic events of a seed and an ack journal. */
final class ProducerTarget extends ProcessTarget {

  private static final Duration TIMEOUT = Duration.ofMinutes(2);
  private static final int MIN_JOURNAL_GROWTH_BYTES = 5_000;

  /** Which events the producer sends after a restart. */
  enum RestartMode {
    /** The same events from the first one, like a task that is retried. */
    SAME_EVENTS,
    /** New events. Lost events are not sent again. */
    NEW_EVENTS
  }

  private final Path folder;
  private final Path settings;
  private final String name;
  private final int perSecond;
  private final RestartMode restartMode;
  private final List<Path> ackJournals = new ArrayList<>();
  private Instant asOf;

  /**
   * Starts the producer.
   *
   * @param name prefix of its seeds and file names
   */
  ProducerTarget(Path folder, Path settings, String name, int perSecond, RestartMode restartMode)
      throws IOException {
    super(folder.resolve(name + ".log"));
    this.folder = folder;
    this.settings = settings;
    this.name = name;
    this.perSecond = perSecond;
    this.restartMode = restartMode;
    start();
  }

  /** The ack journals of its runs. A run without a journal was killed before it sent an event. */
  List<Path> ackJournals() throws IOException {
    List<Path> existing = new ArrayList<>();
    for (Path ackJournal : ackJournals) {
      if (Files.exists(ackJournal) && Files.readString(ackJournal).contains("\n")) {
        existing.add(ackJournal);
      }
    }
    return existing;
  }

  /** Waits until the log has acknowledged further events. */
  void awaitAcknowledgements() throws IOException {
    long before = journalSize();
    await()
        .atMost(TIMEOUT)
        .until(
            () -> {
              restartIfEnded();
              return journalSize() - before > MIN_JOURNAL_GROWTH_BYTES;
            });
  }

  private long journalSize() throws IOException {
    Path ackJournal = ackJournals.get(ackJournals.size() - 1);
    return Files.exists(ackJournal) ? Files.size(ackJournal) : 0;
  }

  private void restartIfEnded() throws Exception {
    if (!process().isAlive()) {
      assertThat(process().exitValue()).as(this::output).isEqualTo(6);
      start();
    }
  }

  /** Sends SIGTERM. The producer then waits for acknowledgements, or reports UNAVAILABLE. */
  void stop() throws Exception {
    if (process().isAlive()) {
      Signal.TERM.sendTo(process());
    }
    assertThat(process().waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(process().exitValue()).as(this::output).isIn(143, 6);
  }

  @Override
  public void kill() {
    process().destroyForcibly().onExit().join();
  }

  @Override
  Process launch(Path output) throws IOException {
    if (ackJournals.isEmpty() || restartMode == RestartMode.NEW_EVENTS) {
      ackJournals.add(folder.resolve("%s-%d.jsonl".formatted(name, ackJournals.size() + 1)));
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
    command.addAll(List.of("--seed", name + "-" + ackJournals.size(), "--as-of", asOf.toString()));
    command.addAll(List.of("--ack-journal", ackJournals.get(ackJournals.size() - 1).toString()));
    return GuardedCommand.start(
        GuardedCommand.of(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile())));
  }
}
