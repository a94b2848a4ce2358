package io.foldlog.log;

import dev.failsafe.ExecutionContext;
import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import io.foldlog.contract.PipelineException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the calls of Kafka's {@link Admin}, with retries. All admin calls of the product use this
 * class.
 *
 * <p>A call that fails with a transient error is repeated until the connection's limit. Each
 * repetition uses a new client: a call that waits for a dead broker does not look for the new
 * leader of the partition and waits until its own timeout (Kafka's message is "Timed out waiting
 * for a node assignment"). The timeout of the first attempt is therefore 4 seconds. It grows by
 * half with each attempt, up to 15 seconds.
 *
 * <p>Safe for use by many threads.
 */
final class AdminCalls implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(AdminCalls.class);
  static final Duration FIRST_ATTEMPT_TIMEOUT = Duration.ofSeconds(4);
  private static final double TIMEOUT_FACTOR = 1.5;
  private static final Duration MAX_ATTEMPT_TIMEOUT = Duration.ofSeconds(15);
  private static final Duration MIN_ATTEMPT_TIMEOUT = Duration.ofMillis(250);
  private static final Duration INITIAL_BACKOFF = Duration.ofMillis(100);
  private static final Duration MAX_BACKOFF = Duration.ofSeconds(1);

  /** How long a broker may not know a new topic that another broker has created. */
  private static final Duration NEW_TOPIC_TIMEOUT = Duration.ofSeconds(2);

  private final KafkaClients connection;

  /** Created on first use, because the host name of a broker may not resolve before. */
  private Client current;

  /** A client and the number of calls that use it. */
  private static final class Client {
    private final Admin admin;
    private int calls;

    private Client(Admin admin) {
      this.admin = admin;
    }
  }

  /** Sends no request and creates no client yet. */
  AdminCalls(KafkaClients connection) {
    this.connection = connection;
  }

  /**
   * Makes a call.
   *
   * @param doing the activity, for messages; follows "while"
   * @param call starts the call; invoked once per attempt
   * @throws PipelineException with Kafka's exception as its cause; unavailable, when no attempt
   *     succeeds within the connection's limit
   * @throws CancellationException when a stop is requested during the call, or the thread is
   *     interrupted; the interrupt flag stays set
   */
  <T> T call(String doing, Function<Admin, KafkaFuture<T>> call) {
    return call(doing, NEW_TOPIC_TIMEOUT, call);
  }

  /**
   * As {@link #call}, for a topic that may not exist. Returns empty if the broker does not know it.
   */
  <T> Optional<T> find(String doing, Function<Admin, KafkaFuture<T>> call) {
    try {
      return Optional.of(call(doing, Duration.ZERO, call));
    } catch (PipelineException failure) {
      if (failure.getCause() instanceof UnknownTopicOrPartitionException) {
        return Optional.empty();
      }
      throw failure;
    }
  }

  private <T> T call(
      String doing, Duration unknownTopicTimeout, Function<Admin, KafkaFuture<T>> call) {
    long start = System.nanoTime();
    boolean stopping = connection.stop().isDone();
    RetryPolicy<T> policy =
        RetryPolicy.<T>builder()
            .handleIf(
                thrown ->
                    isRetryable(thrown, System.nanoTime() - start, unknownTopicTimeout.toNanos()))
            .withMaxRetries(stopping ? 0 : -1)
            .withMaxDuration(connection.limit())
            .withBackoff(INITIAL_BACKOFF, MAX_BACKOFF)
            .onRetry(
                event ->
                    LOG.warn(
                        "event=admin_call_repeated call=\"{}\" attempt={} elapsed_ms={} reason=\"{}\"",
                        doing,
                        event.getAttemptCount() + 1,
                        event.getElapsedTime().toMillis(),
                        event.getLastException().getMessage()))
            .build();
    try {
      return Failsafe.with(policy).get(attempt -> attempt(attempt, stopping, doing, call));
    } catch (FailsafeException failure) {
      if (failure.getCause() instanceof InterruptedException) {
        Thread.currentThread().interrupt();
        throw new CancellationException("Interrupted while " + doing);
      }
      throw failure(doing, failure.getCause());
    } catch (RuntimeException failure) {
      throw failure(doing, failure);
    }
  }

  /** After a stop request, a missing response is a cancellation instead of a failure. */
  private RuntimeException failure(String doing, Throwable thrown) {
    RuntimeException failure = KafkaErrors.of(connection, doing, thrown);
    if (isUnavailable(failure)) {
      connection.requireNotStopped(doing);
    }
    return failure;
  }

  private static boolean isUnavailable(Throwable thrown) {
    return thrown instanceof PipelineException known
        && known.kind() == PipelineException.Kind.UNAVAILABLE;
  }

  private <T> T attempt(
      ExecutionContext<T> context,
      boolean stopping,
      String doing,
      Function<Admin, KafkaFuture<T>> call)
      throws InterruptedException, ExecutionException {
    if (!stopping) {
      connection.requireNotStopped(doing);
    }
    Client client = context.isFirstAttempt() ? acquire() : acquireNew();
    Duration limit = attemptTimeout(context.getAttemptCount(), context.getElapsedTime());
    try {
      CompletableFuture<T> response =
          call.apply(client.admin).toCompletionStage().toCompletableFuture();
      if (!stopping) {
        CompletableFuture.anyOf(response, connection.stop())
            .get(limit.toMillis(), TimeUnit.MILLISECONDS);
        if (!response.isDone()) {
          connection.requireNotStopped(doing);
        }
      }
      return response.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException failure) {
      if (failure.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw failure;
    } catch (java.util.concurrent.TimeoutException noResponse) {
      throw new TimeoutException(
          LogErrors.attemptHadNoAnswer(context.getAttemptCount() + 1, limit), noResponse);
    } finally {
      release(client);
    }
  }

  private Duration attemptTimeout(int earlierAttempts, Duration elapsed) {
    long grown =
        (long) (FIRST_ATTEMPT_TIMEOUT.toMillis() * Math.pow(TIMEOUT_FACTOR, earlierAttempts));
    long max =
        Math.min(MAX_ATTEMPT_TIMEOUT.toMillis(), connection.limit().minus(elapsed).toMillis());
    return Duration.ofMillis(Math.max(MIN_ATTEMPT_TIMEOUT.toMillis(), Math.min(grown, max)));
  }

  private static boolean isRetryable(Throwable thrown, long elapsedNanos, long unknownTopicNanos) {
    if (thrown instanceof UnknownTopicOrPartitionException) {
      return elapsedNanos < unknownTopicNanos;
    }
    if (thrown instanceof InvalidReplicationFactorException) {
      return true; // starting brokers may not have registered yet
    }
    return thrown instanceof RetriableException && !KafkaErrors.isPlaintextToTls(thrown)
        || isUnavailable(thrown);
  }

  private synchronized Client acquire() {
    if (current == null) {
      current = new Client(connection.admin());
    }
    current.calls++;
    return current;
  }

  /** Closes the previous client as soon as no thread uses it. */
  private synchronized Client acquireNew() {
    Client previous = current;
    current = new Client(connection.admin());
    if (previous != null && previous.calls == 0) {
      previous.admin.close(Duration.ZERO);
    }
    return acquire();
  }

  private synchronized void release(Client client) {
    client.calls--;
    if (client.calls == 0 && client != current) {
      client.admin.close(Duration.ZERO);
    }
  }

  @Override
  public synchronized void close() {
    if (current != null) {
      current.admin.close(Duration.ZERO);
    }
  }
}
