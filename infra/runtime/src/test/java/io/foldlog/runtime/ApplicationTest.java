package io.foldlog.runtime;

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
import org.junit.jupiter.params.provider.ValueSource;

/** Runs {@link SampleCommand} as a process, because these tests check exit codes and signals. */
class ApplicationTest {
  /**
   * A child process inherits an ignored SIGINT, for example from a background job of a script.
   * These tests send SIGINT, so they restore its default handler first.
   */
  private static final List<String> WITH_DEFAULT_SIGINT =
      List.of(
          "python3",
          "-c",
          "import os, signal, sys\n"
              + "signal.signal(signal.SIGINT, signal.SIG_DFL)\n"
              + "os.execv(sys.argv[1], sys.argv[1:])");

  @TempDir Path folder;
  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void endProcesses() {
    started.forEach(Process::destroyForcibly);
  }

  @Test
  void shouldPrintAMessageForAFailureAndAStackTraceForAnInternalError() throws Exception {
    assertThat(exitCode(start(Map.of(), "--end", "USAGE_ERROR"))).isEqualTo(2);
    assertThat(errors()).isEqualTo("One sentence.\n");
    assertThat(output()).contains("hooks ran");
    assertThat(exitCode(start(Map.of(), "--end", "INTERNAL_ERROR"))).isEqualTo(1);
    assertThat(errors())
        .contains("event=internal_error")
        .contains("IllegalStateException: unforeseen")
        .contains("at io.foldlog.runtime.SampleCommand");
  }

  @ParameterizedTest
  @CsvSource({"TERM,143", "INT,130"})
  void shouldShutDownInOrderOnASignal(String signal, int status) throws Exception {
    Process process = start(Map.of(), "--end", "WAIT");
    awaitStarted();
    send(signal, process);
    assertThat(exitCode(process)).isEqualTo(status);
    assertThat(output()).contains("ended in order").contains("hooks ran");
    assertThat(errors()).contains("event=stopping");
  }

  @Test
  void shouldHaltAfterTheShutdownTimeout() throws Exception {
    Process process = start(Map.of("FOLDLOG_RUNTIME_SHUTDOWN_TIMEOUT", "100ms"), "--end", "NEVER");
    awaitStarted();
    send("TERM", process);
    assertThat(exitCode(process)).isEqualTo(143);
    assertThat(errors()).contains("no orderly end within");
  }

  @Test
  void shouldHaltOnASecondSignal() throws Exception {
    Process process = start(Map.of(), "--end", "NEVER");
    awaitStarted();
    send("INT", process);
    await().until(() -> errors().contains("event=stopping"));
    send("INT", process);
    assertThat(exitCode(process)).isEqualTo(130);
  }

  @Test
  void shouldAcceptTheSettingsOptionBeforeAndAfterTheSubCommand() throws Exception {
    Path file = Files.writeString(folder.resolve("own.conf"), "kafka.topic = of_the_file");
    assertThat(exitCode(start(Map.of(), "--settings", file.toString(), "topic", "first"))).isZero();
    assertThat(output()).contains("first of_the_file");
    assertThat(exitCode(start(Map.of(), "topic", "last", "--settings", file.toString()))).isZero();
    assertThat(output()).contains("last of_the_file");
  }

  @Test
  void shouldRejectAnUnknownEnvironmentVariableWithOneMessage() throws Exception {
    assertThat(exitCode(start(Map.of("FOLDLOG_KAFKA_TOPIK", "x")))).isEqualTo(2);
    assertThat(errors())
        .isEqualTo(
            "The environment variable FOLDLOG_KAFKA_TOPIK does not match a known setting; did"
                + " you mean FOLDLOG_KAFKA_TOPIC?\n");
  }

  @Test
  void shouldWriteTheResultFileOfAFailedRunAndOfAStoppedRun() throws Exception {
    Path file = folder.resolve("runs").resolve("result.json");
    assertThat(exitCode(start(Map.of(), "--end", "RESULT", "--result", file.toString())))
        .isEqualTo(5);
    assertThat(errors()).isEqualTo("Some drift is left.\n");
    assertThat(Files.readString(file))
        .contains("\"exit_code\" : 5", "\"differing_users\" : 3", "Some drift is left.");
    Process process = start(Map.of(), "--end", "WAIT", "--result", file.toString());
    awaitStarted();
    send("TERM", process);
    assertThat(exitCode(process)).isEqualTo(143);
    assertThat(Files.readString(file)).contains("\"exit_code\" : 143", "\"retryable\" : true");
  }

  @Test
  void shouldReportThatTheResultFileCannotBeWritten() throws Exception {
    Path folderInstead = Files.createDirectory(folder.resolve("taken"));
    Files.createFile(folderInstead.resolve("entry"));
    assertThat(exitCode(start(Map.of(), "--result", folderInstead.toString()))).isEqualTo(2);
    assertThat(errors()).contains("taken (--result) cannot be written");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-Duser.language=ar -Duser.country=EG",
        "-Duser.language=tr -Duser.country=TR",
        "-Duser.language.format=ar -Duser.country.format=EG"
      })
  void shouldWriteTheSameTextInEveryLocale(String locale) throws Exception {
    assertThat(exitCode(start(Map.of("JAVA_TOOL_OPTIONS", locale), "--end", "TEXTS"))).isZero();
    assertThat(output()).contains("9093 id");
  }

  private Process start(Map<String, String> environment, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(WITH_DEFAULT_SIGINT);
    command.addAll(
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

  private static int exitCode(Process process) throws InterruptedException {
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
