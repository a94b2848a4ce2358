package io.foldlog.producer;

import dev.failsafe.RateLimiter;
import java.time.Duration;

/**
 * Keeps requests below a limit of users per window of time. A quarter of the limit may be asked for
 * at once, and again after each third of the window; any window touches four of these periods at
 * most, so none sees more than the limit. Safe for use by many threads.
 */
final class ApiRateLimit {

  private final RateLimiter<Object> limiter;

  ApiRateLimit(int limit, Duration window) {
    this.limiter = RateLimiter.burstyBuilder(maxAtOnce(limit), window.dividedBy(3)).build();
  }

  /** How many users one request may ask for, of such a limit. */
  static int maxAtOnce(int limit) {
    return limit / 4;
  }

  /** Takes the right to ask for so many users, and returns how long to wait before it is used. */
  Duration reserve(int users) {
    return limiter.reservePermits(users);
  }
}
