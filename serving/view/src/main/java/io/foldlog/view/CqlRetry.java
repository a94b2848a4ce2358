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
 * Retries reads and other idempotent requests: up to five attempts while a node is unavailable, and
 * up to a minute while a node is overloaded. A node can reject every second request as long as
 * other clients write a backlog. {@link UserViewWriter} retries writes.
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

  private static final RetryPolicy<Object> WHILE_A_NODE_IS_UNAVAILABLE =
      withBackoff().handleIf(CqlRetry::isTransient).withMaxAttempts(MAX_ATTEMPTS).build();

  private CqlRetry() {}

  /**
   * Runs the request with retries and returns its result.
   *
   * @throws DriverException the last failure, or the first failure that is not retryable
   */
  static <T> T get(Supplier<T> request) {
    try {
      return Failsafe.with(WHILE_OVERLOADED, WHILE_A_NODE_IS_UNAVAILABLE).get(request::get);
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
    // the driver's schema requests do not report the cause of a failure
    return failure instanceof DriverExecutionException
        || WriteFailure.of(failure) == WriteFailure.OVERLOAD;
  }

  private static boolean isTransient(Throwable failure) {
    return !(failure instanceof DriverExecutionException)
        && WriteFailure.of(failure) == WriteFailure.TRANSIENT;
  }
}
