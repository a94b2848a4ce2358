package io.foldlog.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foldlog.contract.PipelineException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.internals.KafkaFutureImpl;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls with simulated failures. No broker listens at the address. */
class AdminCallsTest {

  private final AdminCalls calls = calls(Duration.ofSeconds(30));
  private final List<Admin> clients = new ArrayList<>();
  private final List<Runnable> onStop = new ArrayList<>();

  private static AdminCalls calls(Duration limit) {
    return new AdminCalls(KafkaClients.to("127.0.0.1:1").within(limit));
  }

  @AfterEach
  void close() {
    calls.close();
  }

  /**
   * Returns a call whose first attempts fail with the given failures and whose next attempt
   * succeeds.
   */
  private Function<Admin, KafkaFuture<String>> failing(Throwable... failures) {
    return client -> {
      clients.add(client);
      KafkaFutureImpl<String> future = new KafkaFutureImpl<>();
      if (clients.size() <= failures.length) {
        future.completeExceptionally(failures[clients.size() - 1]);
      } else {
        future.complete("done");
      }
      return future;
    };
  }

  @Test
  void shouldRetryWithANewClientForEachAttempt() {
    assertThat(
            calls.call(
                "testing",
                failing(
                    new TimeoutException("Timed out waiting for a node assignment."),
                    new DisconnectException())))
        .isEqualTo("done");
    assertThat(clients).hasSize(3).doesNotHaveDuplicates();
    calls.call("testing", failing());
    assertThat(clients).hasSize(4);
    assertThat(clients.get(3)).as("the client of the successful attempt").isSameAs(clients.get(2));
  }

  @Test
  void shouldRetryAnAttemptThatTimesOut() {
    Function<Admin, KafkaFuture<String>> silentFirst =
        client -> {
          clients.add(client);
          return clients.size() == 1
              ? new KafkaFutureImpl<>()
              : KafkaFuture.completedFuture("done");
        };
    assertThat(calls.call("testing", silentFirst)).isEqualTo("done");
    assertThat(clients).hasSize(2);
  }

  @Test
  void shouldFailAsUnavailableAfterTheLimit() {
    try (AdminCalls shortCalls = calls(Duration.ZERO)) {
      assertThatThrownBy(() -> shortCalls.call("testing", client -> new KafkaFutureImpl<>()))
          .isInstanceOfSatisfying(
              PipelineException.class,
              failure -> assertThat(failure.kind()).isEqualTo(PipelineException.Kind.UNAVAILABLE))
          .hasMessageContaining("Kafka at 127.0.0.1:1 did not answer in time while testing");
    }
  }

  @Test
  void shouldCancelACallImmediatelyWhenAStopIsRequested() {
    try (AdminCalls stoppable = stoppable()) {
      Function<Admin, KafkaFuture<String>> stopping =
          client -> {
            clients.add(client);
            onStop.forEach(Runnable::run);
            return new KafkaFutureImpl<>();
          };
      long start = System.nanoTime();
      assertThatThrownBy(() -> stoppable.call("testing", stopping))
          .isInstanceOf(CancellationException.class)
          .hasMessage("A stop was requested while testing");
      assertThat(clients).hasSize(1);
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .as("before the attempt times out")
          .isLessThan(AdminCalls.FIRST_ATTEMPT_TIMEOUT);
    }
  }

  @Test
  void shouldMakeOnlyOneAttemptAfterAStopRequest() {
    try (AdminCalls stoppable = stoppable()) {
      onStop.forEach(Runnable::run);
      assertThat(stoppable.call("testing", failing())).isEqualTo("done");
      clients.clear();
      assertThatThrownBy(() -> stoppable.call("testing", failing(new DisconnectException())))
          .isInstanceOf(CancellationException.class);
      assertThat(clients).hasSize(1);
    }
  }

  private AdminCalls stoppable() {
    return new AdminCalls(
        KafkaClients.to("127.0.0.1:1").within(Duration.ofMinutes(5), onStop::add));
  }

  @Test
  void shouldRetryWhileBrokersHaveNotRegistered() {
    assertThat(calls.call("testing", failing(new InvalidReplicationFactorException("1 broker(s)"))))
        .isEqualTo("done");
    assertThat(clients).hasSize(2);
  }

  @Test
  void shouldRetryWhileNoBrokerNameResolves() {
    try (AdminCalls unknown =
        new AdminCalls(
            KafkaClients.to("no-such-host.invalid:9092").within(Duration.ofMillis(600)))) {
      assertThatThrownBy(() -> unknown.call("testing", failing()))
          .isInstanceOfSatisfying(
              PipelineException.class,
              failure -> assertThat(failure.kind()).isEqualTo(PipelineException.Kind.UNAVAILABLE))
          .hasMessageContaining("no-such-host.invalid");
      assertThat(clients).isEmpty();
    }
  }

  @Test
  void shouldNotRetryPermanentErrors() {
    assertThatThrownBy(
            () -> calls.call("testing", failing(new ClusterAuthorizationException("no right"))))
        .hasMessageContaining("does not allow testing");
    assertThat(clients).hasSize(1);
    clients.clear();
    assertThatThrownBy(
            () ->
                calls.call(
                    "testing", failing(new TimeoutException("The AdminClient thread has exited."))))
        .hasMessageContaining("security.protocol");
    assertThat(clients).hasSize(1);
  }

  @Test
  void shouldRetryForATopicThatABrokerDoesNotKnowYet() {
    assertThat(calls.call("testing", failing(new UnknownTopicOrPartitionException("new"))))
        .isEqualTo("done");
    clients.clear();
    assertThat(calls.find("testing", failing(new UnknownTopicOrPartitionException("absent"))))
        .isEmpty();
    assertThat(clients).hasSize(1);
  }
}
