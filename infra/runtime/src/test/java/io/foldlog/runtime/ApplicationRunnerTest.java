package io.foldlog.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foldlog.runtime.SampleCommand.Found;
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
    "UNAVAILABLE,UNAVAILABLE,Nobody answered.",
    "INTERNAL_ERROR,INTERNAL_ERROR,''"
  })
  void shouldReturnStatusAndMessage(String ending, ExitStatus status, String message) {
    ApplicationResult result = run("--end", ending);

    assertThat(result.application()).isEqualTo("sample");
    assertThat(result.status()).isEqualTo(status);
    assertThat(result.message()).isEqualTo(message);
    assertThat(result.ended()).isAfterOrEqualTo(result.started());
  }

  @Test
  void shouldReturnTheTypedResultOfACommandThatFailed() {
    ApplicationResult result = run("--end", "RESULT");

    assertThat(result.result(Found.class)).isEqualTo(new Found(3, "users"));
    assertThat(result.toJson().toString())
        .contains("\"application\":\"sample\"", "\"status\":\"UNRESOLVED_DRIFT\"")
        .contains("\"exit_code\":5", "\"retryable\":false", "\"message\":\"Some drift is left.\"")
        .contains("\"result\":{\"differing_users\":3,\"of\":\"users\"}");
  }

  @Test
  void shouldSayWhatACommandWithoutAResultSaid() {
    assertThatThrownBy(() -> run("--end", "USAGE_ERROR").result(Found.class))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("USAGE_ERROR")
        .hasMessageContaining("One sentence.");
  }

  @Test
  void shouldKeepWhatTheCommandPrintedToItself() {
    assertThat(run().output()).isEqualToNormalizingNewlines("started\nended in order\n");
  }

  @Test
  void shouldStopTheCommandOnTheSignal() throws Exception {
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
                    new SampleCommand(), Settings.of(""), stop, "--end", "LOSE_ON_STOP")
                .status())
        .isEqualTo(ExitStatus.UNAVAILABLE);
  }

  @Test
  void shouldEndAsStoppedWhenTheStopCancelledACall() {
    StopSignal stop = new StopSignal();
    stop.request(ExitStatus.TERMINATED);

    assertThat(cancelled(stop).status()).isEqualTo(ExitStatus.TERMINATED);
    assertThat(cancelled(new StopSignal()).status()).isEqualTo(ExitStatus.INTERNAL_ERROR);
  }

  private static ApplicationResult cancelled(StopSignal stop) {
    return ApplicationRunner.run(new SampleCommand(), Settings.of(""), stop, "--end", "CANCELLED");
  }

  @Test
  void shouldRefuseArgumentsWithAHint() {
    ApplicationResult unknown = run("--ende", "SUCCESS");
    assertThat(unknown.status()).isEqualTo(ExitStatus.USAGE_ERROR);
    assertThat(unknown.message()).contains("'--ende'").contains("Try 'sample --help'.");
    ApplicationResult bad = run("--end", "MAYBE");
    assertThat(bad.status()).isEqualTo(ExitStatus.USAGE_ERROR);
    assertThat(bad.message()).contains("--end").contains("MAYBE");
  }

  @Test
  void shouldShowHelpAndVersion() {
    assertThat(run("--help").output()).contains("--settings=FILE", "--result=FILE", "--end");
    assertThat(run("topic", "--help").output()).contains("--settings=FILE");
    assertThat(run("--version").output()).matches("foldlog [0-9].*\n(?s).*");
    assertThat(run("--version").status()).isEqualTo(ExitStatus.SUCCESS);
  }

  @Test
  void shouldRunTheSubCommandThatIsNamed() {
    ApplicationResult result =
        ApplicationRunner.run(
            new SampleCommand(), Settings.of("kafka.topic = of_the_settings"), "topic", "first");

    assertThat(result.application()).isEqualTo("sample topic");
    assertThat(result.output()).contains("first of_the_settings");
  }
}
