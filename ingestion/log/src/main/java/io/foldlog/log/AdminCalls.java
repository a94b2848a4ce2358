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
 * The calls of Kafka's {@link Admin}; nothing else in the product makes any.
 *
 * <p>A call that failed in a way that may pass is made again until the connection's limit, each
 * time by a new client: a call that waits for a broker that has died does not look for the
 * partition's new leader, and keeps waiting until its own timeout (Kafka's message is "Timed out
 * waiting for a node assignment"). So an attempt is given a few seconds only, and each further one
 * half as long again, up to a quarter of a minute.
 *
 * <p>Safe for use by many threads.
 */
final class AdminCalls implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(AdminCalls.class);
  static final Duration FIRST_ATTEMPT = Duration.ofSeconds(4);
  private static final double GROWTH = 1.5;
  private static final Duration LONGEST_ATTEMPT = Duration.ofSeconds(15);
  private static final Duration SHORTEST_ATTEMPT = Duration.ofMillis(250);
  private static final Duration INITIAL_BACKOFF = Duration.ofMillis(100);
  private static final Duration MAX_BACKOFF = Duration.ofSeconds(1);

  /** For how long a broker may not know a topic yet that another one has created. */
  private static final Duration NEW_TOPIC_LIMIT = Duration.ofSeconds(2);

  private final KafkaClients connection;

  /** Made when it is first needed, because a broker's name may not resolve yet. */
  private Client current;

  /** A client and how many calls use it now. */
  private static final class Client {
    private final Admin admin;
    private int calls;

    private Client(Admin admin) {
      this.admin = admin;
    }
  }

  /** No broker is asked yet, and no client made. */
  AdminCalls(KafkaClients connection) {
    this.connection = connection;
  }

  /**
   * Makes a call.
   *
   * @param doing what the call does, for messages: follows "while"
   * @param call starts the call; invoked once for each attempt
   * @throws PipelineException with Kafka's exception as its cause; unavailable, when no attempt
   *     within the connection's limit was answered
   * @throws CancellationException when a stop was requested meanwhile, or the thread interrupted,
   *     which stays interrupted
   */
  <T> T call(String doing, Function<Admin, KafkaFuture<T>> call) {
    return call(doing, NEW_TOPIC_LIMIT, call);
  }

  /** As {@link #call}, for a topic that may be absent: empty when the broker does not know it. */
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
      String doing, Duration unknownTopicLimit, Function<Admin, KafkaFuture<T>> call) {
    long start = System.nanoTime();
    boolean ending = connection.stop().isDone();
    RetryPolicy<T> policy =
        RetryPolicy.<T>builder()
            .handleIf(
                thrown -> mayPass(thrown, System.nanoTime() - start, unknownTopicLimit.toNanos()))
            .withMaxRetries(ending ? 0 : -1)
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
      return Failsafe.with(policy).get(attempt -> attempt(attempt, ending, doing, call));
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

  /** A missing answer does not count as a failure once a stop was requested. */
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
      boolean ending,
      String doing,
      Function<Admin, KafkaFuture<T>> call)
      throws InterruptedException, ExecutionException {
    if (!ending) {
      connection.requireNotStopped(doing);
    }
    Client client = context.isFirstAttempt() ? acquire() : acquireNew();
    Duration limit = attemptLimit(context.getAttemptCount(), context.getElapsedTime());
    try {
      CompletableFuture<T> answer =
          call.apply(client.admin).toCompletionStage().toCompletableFuture();
      if (!ending) {
        CompletableFuture.anyOf(answer, connection.stop())
            .get(limit.toMillis(), TimeUnit.MILLISECONDS);
        if (!answer.isDone()) {
          connection.requireNotStopped(doing);
        }
      }
      return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException failure) {
      if (failure.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw failure;
    } catch (java.util.concurrent.TimeoutException noAnswer) {
      throw new TimeoutException(
          LogErrors.attemptHadNoAnswer(context.getAttemptCount() + 1, limit), noAnswer);
    } finally {
      release(client);
    }
  }

  private Duration attemptLimit(int earlierAttempts, Duration elapsed) {
    long grown = (long) (FIRST_ATTEMPT.toMillis() * Math.pow(GROWTH, earlierAttempts));
    long longest =
        Math.min(LONGEST_ATTEMPT.toMillis(), connection.limit().minus(elapsed).toMillis());
    return Duration.ofMillis(Math.max(SHORTEST_ATTEMPT.toMillis(), Math.min(grown, longest)));
  }

  private static boolean mayPass(Throwable thrown, long elapsedNanos, long unknownTopicNanos) {
    if (thrown instanceof UnknownTopicOrPartitionException) {
      return elapsedNanos < unknownTopicNanos;
    }
    if (thrown instanceof InvalidReplicationFactorException) {
      return true; // brokers that are still starting have not registered yet
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

  /** The client before it is closed as soon as no other thread uses it. */
  private synchronized Client acquireNew() {
    Client before = current;
    current = new Client(connection.admin());
    if (before != null && before.calls == 0) {
      before.admin.close(Duration.ZERO);
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
