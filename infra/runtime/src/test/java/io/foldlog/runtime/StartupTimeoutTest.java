package io.foldlog.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foldlog.contract.PipelineException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class StartupTimeoutTest {
  private final StopSignal stop = new StopSignal();

  @Test
  void shouldRetryUntilTheProbeReturnsAResult() throws InterruptedException {
    AtomicInteger attempts = new AtomicInteger();
    String result =
        new StartupTimeout(Duration.ofSeconds(30), stop)
            .waitFor(
                "a server",
                () -> {
                  if (attempts.incrementAndGet() == 1) {
                    throw new IOException("refused");
                  }
                  return attempts.get() == 2 ? Optional.empty() : Optional.of("here");
                });
    assertThat(result).isEqualTo("here");
    assertThat(attempts).hasValue(3);
  }

  @Test
  void shouldFailAsUnavailableWithTheLastFailureAfterTheTimeout() {
    assertThatExceptionOfType(PipelineException.class)
        .isThrownBy(
            () ->
                new StartupTimeout(Duration.ZERO, stop)
                    .waitFor(
                        "Kafka at 127.0.0.1:9092",
                        () -> {
                          throw new IOException("connection refused\nmore");
                        }))
        .withMessage(
            "Kafka at 127.0.0.1:9092 did not answer within 0 s: connection refused. Start it, or"
                + " raise the setting runtime.startup-timeout.")
        .matches(e -> e.kind() == PipelineException.Kind.UNAVAILABLE);
  }

  @Test
  void shouldNotRetryAUsageError() {
    assertThatThrownBy(
            () ->
                new StartupTimeout(Duration.ofHours(1), stop)
                    .waitFor(
                        "Cassandra",
                        () -> {
                          throw PipelineException.usageError("wrong password");
                        }))
        .hasMessage("wrong password");
  }

  @Test
  void shouldStopWaitingWhenAStopIsRequested() {
    stop.request(ExitStatus.TERMINATED);
    assertThatThrownBy(
            () -> new StartupTimeout(Duration.ofHours(1), stop).waitFor("Kafka", Optional::empty))
        .isInstanceOf(InterruptedException.class);
  }
}
