package io.foldlog.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.DriverExecutionException;
import com.datastax.oss.driver.api.core.DriverTimeoutException;
import com.datastax.oss.driver.api.core.connection.ClosedConnectionException;
import com.datastax.oss.driver.api.core.connection.FrameTooLongException;
import io.foldlog.contract.PipelineException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CqlRetryTest {

  private static final DriverException OVERLOAD = new DriverTimeoutException("no answer");
  private static final DriverException NODE_UNAVAILABLE = new ClosedConnectionException("closed");
  private static final DriverException SCHEMA = new DriverExecutionException(OVERLOAD);
  private static final DriverException REFUSAL =
      new FrameTooLongException(new InetSocketAddress("127.0.0.1", 1), "too long");

  private final Deque<RuntimeException> failures = new ArrayDeque<>();

  private String request() {
    if (!failures.isEmpty()) {
      throw failures.pop();
    }
    return "row";
  }

  @AfterEach
  void clearTheInterruptFlag() {
    Thread.interrupted();
  }

  @Test
  void shouldRetryTransientFailures() {
    failures.addAll(List.of(OVERLOAD, new CompletionException(NODE_UNAVAILABLE), SCHEMA));

    assertThat(CqlRetry.get(this::request)).isEqualTo("row");
  }

  @Test
  void shouldNotRetryPermanentFailures() {
    failures.addAll(List.of(new CompletionException(REFUSAL), REFUSAL));

    assertThatThrownBy(() -> CqlRetry.get(this::request)).isSameAs(REFUSAL);
    assertThat(failures).hasSize(1);
  }

  @Test
  void shouldThrowTheFifthFailureWhileANodeIsUnavailable() {
    failures.addAll(
        List.of(
            NODE_UNAVAILABLE,
            NODE_UNAVAILABLE,
            NODE_UNAVAILABLE,
            NODE_UNAVAILABLE,
            NODE_UNAVAILABLE,
            NODE_UNAVAILABLE));

    assertThatThrownBy(() -> CqlRetry.get(this::request)).isSameAs(NODE_UNAVAILABLE);
    assertThat(failures).hasSize(1);
  }

  @Test
  void shouldStopWhenTheThreadIsInterrupted() {
    failures.add(OVERLOAD);
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> CqlRetry.get(this::request))
        .isInstanceOf(PipelineException.class)
        .hasMessage("Interrupted while waiting for Cassandra");
    assertThat(Thread.currentThread().isInterrupted()).isTrue();
  }
}
