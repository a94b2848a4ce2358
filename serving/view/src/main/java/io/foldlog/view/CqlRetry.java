package io.foldlog.view;

import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.DriverExecutionException;
import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import dev.failsafe.RetryPolicyBuilder;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * Retries reads and other idempotent requests: five attempts while a node is away, and for a minute
 * while one says that it is overloaded, which it may say to every second request for as long as
 * somebody else has a backlog to write. Writes have {@link UserViewWriter}.
 */
final class CqlRetry {

  private static final int MAX_ATTEMPTS = 5;
  private static final Duration MAX_RETRY_DURATION = Duration.ofMinutes(1);
  private static final Duration INITIAL_BACKOFF = Duration.ofMillis(500);
  private static final Duration MAX_BACKOFF = Duration.ofSeconds(2);

  private static final RetryPolicy<Object> WHILE_OVERLOADED =
      withBackoff()
          .handleIf(CqlRetry::isOverload)
          .withMaxRetries(-1)
          .withMaxDuration(MAX_RETRY_DURATION)
          .build();

  private static final RetryPolicy<Object> WHILE_A_NODE_IS_AWAY =
      withBackoff().handleIf(CqlRetry::isTransient).withMaxAttempts(MAX_ATTEMPTS).build();

  private CqlRetry() {}

  /**
   * What the request returns.
   *
   * @throws DriverException the last failure, or the first that no retry cures
   */
  static <T> T get(Supplier<T> request) {
    try {
      return Failsafe.with(WHILE_OVERLOADED, WHILE_A_NODE_IS_AWAY).get(request::get);
    } catch (CompletionException failure) {
      throw WriteFailure.cause(failure) instanceof RuntimeException cause ? cause : failure;
    } catch (FailsafeException failure) {
      if (failure.getCause() instanceof InterruptedException interruption) {
        Thread.currentThread().interrupt();
        throw ViewErrors.waitIsInterrupted(interruption);
      }
      throw failure;
    }
  }

  private static RetryPolicyBuilder<Object> withBackoff() {
    return RetryPolicy.builder().withBackoff(INITIAL_BACKOFF, MAX_BACKOFF);
  }

  private static boolean isOverload(Throwable failure) {
    // the driver's own requests about the schema do not say what they ran into
    return failure instanceof DriverExecutionException
        || WriteFailure.of(failure) == WriteFailure.OVERLOAD;
  }

  private static boolean isTransient(Throwable failure) {
    return !(failure instanceof DriverExecutionException)
        && WriteFailure.of(failure) == WriteFailure.TRANSIENT;
  }
}
