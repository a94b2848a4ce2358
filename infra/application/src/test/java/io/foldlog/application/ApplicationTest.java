package io.foldlog.application;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs {@link SampleCommand} as a process, because its status and its signals are what counts. */
class ApplicationTest {
  @TempDir Path folder;
  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void endProcesses() {
    started.forEach(Process::destroyForcibly);
  }

  @ParameterizedTest
  @CsvSource({"DONE,0", "REFUSED,2", "UNAVAILABLE,6", "BUG,1"})
  void shouldEndWithTheStatusOfTheOutcome(String ending, int status) throws Exception {
    assertThat(end(start(Map.of(), "--end", ending))).isEqualTo(status);
    assertThat(output()).contains("hooks ran");
  }

  @Test
  void shouldShowASentenceForAFailureAndAStackTraceForABug() throws Exception {
    end(start(Map.of(), "--end", "REFUSED"));
    assertThat(errors()).isEqualTo("One sentence.\n");
    end(start(Map.of(), "--end", "BUG"));
    assertThat(errors())
        .contains("This is a bug")
        .contains("IllegalStateException: unforeseen")
        .contains("at io.foldlog.application.SampleCommand");
  }

  @ParameterizedTest
  @CsvSource({"TERM,143", "INT,130"})
  void shouldStopInOrderOnASignal(String signal, int status) throws Exception {
    Process process = start(Map.of(), "--end", "WAIT");
    awaitStarted();
    send(signal, process);
    assertThat(end(process)).isEqualTo(status);
    assertThat(output()).contains("ended in order").contains("hooks ran");
    assertThat(errors()).contains("stopping=in-order");
  }

  @Test
  void shouldKeepTheStatusOfAFailureDuringTheStop() throws Exception {
    Process process = start(Map.of(), "--end", "LOSE_ON_STOP");
    awaitStarted();
    send("TERM", process);
    assertThat(end(process)).isEqualTo(ExitStatus.UNAVAILABLE.code());
  }

  @Test
  void shouldEndAsItIsAfterTheLimit() throws Exception {
    Process process = start(Map.of("FOLDLOG_WAIT_STOP_LIMIT", "100ms"), "--end", "NEVER");
    awaitStarted();
    send("TERM", process);
    assertThat(end(process)).isEqualTo(143);
    assertThat(errors()).contains("no orderly end within");
  }

  @Test
  void shouldEndAsItIsOnASecondSignal() throws Exception {
    Process process = start(Map.of(), "--end", "NEVER");
    awaitStarted();
    send("INT", process);
    await().until(() -> errors().contains("stopping=in-order"));
    send("INT", process);
    assertThat(end(process)).isEqualTo(130);
  }

  @Test
  void shouldRefuseArgumentsWithAHint() throws Exception {
    assertThat(end(start(Map.of(), "--ende", "DONE"))).isEqualTo(2);
    assertThat(errors()).contains("'--ende'").contains("Try 'sample --help'.");
    assertThat(end(start(Map.of(), "--end", "MAYBE"))).isEqualTo(2);
    assertThat(errors()).contains("--end").contains("MAYBE");
  }

  @Test
  void shouldShowHelpAndVersion() throws Exception {
    assertThat(end(start(Map.of(), "--help"))).isZero();
    assertThat(output()).contains("--settings=FILE").contains("--end");
    assertThat(end(start(Map.of(), "topic", "--help"))).isZero();
    assertThat(output()).contains("--settings=FILE");
    assertThat(end(start(Map.of(), "--version"))).isZero();
    assertThat(output()).matches("foldlog [0-9].*\n(?s).*");
  }

  @Test
  void shouldTakeSettingsBeforeAndAfterTheSubCommand() throws Exception {
    Path file = Files.writeString(folder.resolve("own.conf"), "kafka.topic = of_the_file");
    assertThat(end(start(Map.of(), "--settings", file.toString(), "topic", "first"))).isZero();
    assertThat(output()).contains("first of_the_file");
    assertThat(end(start(Map.of(), "topic", "last", "--settings", file.toString()))).isZero();
    assertThat(output()).contains("last of_the_file");
  }

  @Test
  void shouldRefuseUnknownSettingsInOneSentence() throws Exception {
    assertThat(end(start(Map.of("FOLDLOG_KAFKA_TOPIK", "x")))).isEqualTo(2);
    assertThat(errors())
        .isEqualTo(
            "The environment variable FOLDLOG_KAFKA_TOPIK overrides no setting that is known; did"
                + " you mean FOLDLOG_KAFKA_TOPIC?\n");
  }

  private Process start(Map<String, String> environment, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                SampleCommand.class.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(folder.resolve("out").toFile())
            .redirectError(folder.resolve("err").toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("FOLDLOG_"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    started.add(process);
    return process;
  }

  private void awaitStarted() {
    await().atMost(Duration.ofSeconds(60)).until(() -> output().contains("started"));
  }

  private static void send(String signal, Process process) throws Exception {
    new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
  }

  private static int end(Process process) throws InterruptedException {
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  private String output() throws IOException {
    return Files.readString(folder.resolve("out"));
  }

  private String errors() throws IOException {
    return Files.readString(folder.resolve("err"));
  }
}
