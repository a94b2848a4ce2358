package io.foldlog.view;

import com.datastax.oss.driver.api.core.AllNodesFailedException;
import com.datastax.oss.driver.api.core.auth.AuthenticationException;
import com.datastax.oss.driver.api.core.servererrors.UnauthorizedException;
import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import dev.failsafe.function.CheckedSupplier;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for Cassandra's auth caches. Each node caches roles, passwords and permissions ({@code
 * roles_validity}, {@code credentials_validity}, {@code permissions_validity}: 2 s by default, 10 s
 * in the local stack). Until the cache expires, a node may refuse a new permission or a new
 * password.
 */
final class AuthCaches {

  private static final Logger LOG = LoggerFactory.getLogger(AuthCaches.class);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** The maximum number of repetitions, one per second. The caches expire within that time. */
  private static final int REPETITIONS = 20;

  private AuthCaches() {}

  /**
   * Runs the action, and repeats it while Cassandra refuses the login or a right.
   *
   * @param action an idempotent action
   * @throws InterruptedException when interrupted while waiting
   */
  static <T> T await(CheckedSupplier<T> action) throws InterruptedException {
    RetryPolicy<T> policy =
        RetryPolicy.<T>builder()
            .handleIf(AuthCaches::isRefusal)
            .withDelay(PAUSE)
            .withMaxRetries(REPETITIONS)
            .onRetryScheduled(
                event -> {
                  if (event.getAttemptCount() == 1) {
                    LOG.info(
                        "event=waiting_for_auth_caches limit_s={} reason=\"{}\"",
                        REPETITIONS * PAUSE.toSeconds(),
                        event.getLastException().getMessage());
                  }
                })
            .build();
    try {
      return Failsafe.with(policy).get(action);
    } catch (FailsafeException failure) {
      if (failure.getCause() instanceof InterruptedException interruption) {
        Thread.interrupted(); // the exception replaces the flag
        throw interruption;
      }
      throw failure;
    }
  }

  /** Whether the exception or one of its causes is a refused login or a missing permission. */
  static boolean isRefusal(Throwable thrown) {
    for (Throwable each = thrown; each != null; each = each.getCause()) {
      if (each instanceof UnauthorizedException
          || each instanceof AuthenticationException
          || each instanceof AllNodesFailedException all
              && all.getAllErrors().values().stream()
                  .flatMap(List::stream)
                  .anyMatch(AuthenticationException.class::isInstance)) {
        return true;
      }
    }
    return false;
  }
}
