package io.foldlog.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foldlog.runtime.SampleCommand.SampleResult;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ApplicationRunnerTest {

  private static ApplicationResult run(String... arguments) {
    return ApplicationRunner.run(new SampleCommand(), Settings.of(""), arguments);
  }

  @ParameterizedTest
  @CsvSource({
    "SUCCESS,SUCCESS,''",
    "USAGE_ERROR,USAGE_ERROR,One sentence.",
    "UNAVAILABLE,UNAVAILABLE,No server answered.",
    "INTERNAL_ERROR,INTERNAL_ERROR,''"
  })
  void shouldReturnStatusAndMessageOfTheCommand(String ending, ExitStatus status, String message) {
    ApplicationResult result = run("--end", ending);

    assertThat(result.application()).isEqualTo("sample");
    assertThat(result.status()).isEqualTo(status);
    assertThat(result.message()).isEqualTo(message);
    assertThat(result.ended()).isAfterOrEqualTo(result.started());
  }

  @Test
  void shouldReturnTheTypedResultOfACommandThatFailed() {
    ApplicationResult result = run("--end", "RESULT");

    assertThat(result.result(SampleResult.class)).isEqualTo(new SampleResult(3, "users"));
    assertThat(result.toJson().toString())
        .contains("\"application\":\"sample\"", "\"status\":\"UNRESOLVED_DRIFT\"")
        .contains("\"exit_code\":5", "\"retryable\":false", "\"message\":\"Some drift is left.\"")
        .contains("\"result\":{\"differing_users\":3,\"of\":\"users\"}");
  }

  @Test
  void shouldIncludeStatusAndMessageWhenTheResultIsMissing() {
    assertThatThrownBy(() -> run("--end", "USAGE_ERROR").result(SampleResult.class))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("USAGE_ERROR")
        .hasMessageContaining("One sentence.");
  }

  @Test
  void shouldCaptureTheOutputOfTheCommand() {
    assertThat(run().output()).isEqualToNormalizingNewlines("started\nended in order\n");
  }

  @Test
  void shouldStopTheCommandWhenAStopIsRequested() throws Exception {
    StopSignal stop = new StopSignal();
    CompletableFuture<ApplicationResult> running =
        CompletableFuture.supplyAsync(
            () ->
                ApplicationRunner.run(new SampleCommand(), Settings.of(""), stop, "--end", "WAIT"));
    stop.request(ExitStatus.TERMINATED);

    ApplicationResult result = running.get(60, TimeUnit.SECONDS);
    assertThat(result.status()).isEqualTo(ExitStatus.TERMINATED);
    assertThat(result.output()).contains("ended in order");
  }

  @Test
  void shouldKeepTheStatusOfAFailureDuringTheStop() {
    StopSignal stop = new StopSignal();
    stop.request(ExitStatus.TERMINATED);

    assertThat(
            ApplicationRunner.run(
                    new SampleCommand(), Settings.of(""), stop, "--end", "FAIL_ON_STOP")
                .status())
        .isEqualTo(ExitStatus.UNAVAILABLE);
  }

  @Test
  void shouldReturnTheStopStatusWhenAStopCancelsACall() {
    StopSignal stop = new StopSignal();
    stop.request(ExitStatus.TERMINATED);

    assertThat(cancelled(stop).status()).isEqualTo(ExitStatus.TERMINATED);
    assertThat(cancelled(new StopSignal()).status()).isEqualTo(ExitStatus.INTERNAL_ERROR);
  }

  private static ApplicationResult cancelled(StopSignal stop) {
    return ApplicationRunner.run(new SampleCommand(), Settings.of(""), stop, "--end", "CANCELLED");
  }

  @Test
  void shouldRejectInvalidArgumentsAndSuggestHelp() {
    ApplicationResult unknown = run("--ende", "SUCCESS");
    assertThat(unknown.status()).isEqualTo(ExitStatus.USAGE_ERROR);
    assertThat(unknown.message()).contains("'--ende'").contains("Try 'sample --help'.");
    ApplicationResult invalid = run("--end", "MAYBE");
    assertThat(invalid.status()).isEqualTo(ExitStatus.USAGE_ERROR);
    assertThat(invalid.message()).contains("--end").contains("MAYBE");
  }

  @Test
  void shouldShowHelpAndVersion() {
    assertThat(run("--help").output()).contains("--settings=FILE", "--result=FILE", "--end");
    assertThat(run("topic", "--help").output()).contains("--settings=FILE");
    assertThat(run("--version").output()).matches("foldlog [0-9].*\n(?s).*");
    assertThat(run("--version").status()).isEqualTo(ExitStatus.SUCCESS);
  }

  @Test
  void shouldRunTheNamedSubCommand() {
    ApplicationResult result =
        ApplicationRunner.run(
            new SampleCommand(), Settings.of("kafka.topic = of_the_settings"), "topic", "first");

    assertThat(result.application()).isEqualTo("sample topic");
    assertThat(result.output()).contains("first of_the_settings");
  }
}
