package io.foldlog.view;

import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.DriverExecutionException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * What the database answers to an idempotent question, asked again where that can help: a few times
 * while a node is away, and for a minute while one says that it is overloaded, which it may say to
 * every second question for as long as somebody else has a backlog to write.
 */
final class CqlRetry {

  private static final int ATTEMPTS = 5;
  private static final Duration MAX_RETRY_DURATION = Duration.ofMinutes(1);
  private static final Duration INITIAL_BACKOFF = Duration.ofMillis(500);
  private static final Duration MAX_BACKOFF = Duration.ofSeconds(2);

  private CqlRetry() {}

  /**
   * Asks.
   *
   * @throws DriverException the last failure, or the first that no repetition cures
   */
  static <T> T to(Supplier<T> question) {
    long start = System.nanoTime();
    for (int attempt = 1; ; attempt++) {
      try {
        return question.get();
      } catch (CompletionException | DriverException failure) {
        if (!mayAskAgain(failure, attempt, System.nanoTime() - start)) {
          throw unwrapped(failure);
        }
        pause(attempt);
      }
    }
  }

  private static boolean mayAskAgain(RuntimeException failure, int attempt, long askedNanos) {
    if (failure instanceof DriverExecutionException) {
      // the driver's own questions about the schema: it does not say what they ran into
      return askedNanos < MAX_RETRY_DURATION.toNanos();
    }
    return switch (WriteFailure.of(failure)) {
      case OVERLOAD -> askedNanos < MAX_RETRY_DURATION.toNanos();
      case TRANSIENT -> attempt < ATTEMPTS;
      case REJECTED, UNEXPECTED -> false;
    };
  }

  private static RuntimeException unwrapped(RuntimeException failure) {
    return WriteFailure.cause(failure) instanceof RuntimeException cause ? cause : failure;
  }

  private static void pause(int attempt) {
    try {
      Thread.sleep(Math.min(INITIAL_BACKOFF.toMillis() * attempt, MAX_BACKOFF.toMillis()));
    } catch (InterruptedException interruption) {
      Thread.currentThread().interrupt();
      throw ViewErrors.waitIsInterrupted(interruption);
    }
  }
}
