package io.foldlog.producer;

import dev.failsafe.RateLimiter;
import java.time.Duration;

/**
 * Limits the number of users that are requested in a window of time. A quarter of the limit is
 * available per third of the window. Any window overlaps at most four of these periods, so requests
 * never exceed the limit. Safe for use by many threads.
 */
final class ApiRateLimit {

  private final RateLimiter<Object> limiter;

  ApiRateLimit(int limit, Duration window) {
    this.limiter = RateLimiter.burstyBuilder(maxAtOnce(limit), window.dividedBy(3)).build();
  }

  /** The maximum number of users in one request for this limit. */
  static int maxAtOnce(int limit) {
    return limit / 4;
  }

  /** Reserves a request for this number of users. Returns how long to wait before the request. */
  Duration reserve(int users) {
    return limiter.reservePermits(users);
  }
}
