package io.foldlog.producer;

import java.time.Duration;

/**
 * Keeps to a limit of so many tokens in any window of time: a quarter of them may go at once, the
 * rest at an even rate, so that no window of that length sees more than the limit.
 */
final class TokenBucket {

  private final double capacity;
  private final double nanosPerToken;
  private double tokens;
  private long filledAt;

  /**
   * @param limit tokens in any window
   * @param now as of {@link System#nanoTime}
   */
  TokenBucket(int limit, Duration window, long now) {
    if (limit < 4 || window.isNegative() || window.isZero()) {
      throw new IllegalArgumentException("No limit: " + limit + " in " + window);
    }
    this.capacity = capacity(limit);
    this.nanosPerToken = window.toNanos() / (limit - capacity);
    this.tokens = capacity;
    this.filledAt = now;
  }

  /** How many tokens can be taken at once, of such a limit. */
  static int capacity(int limit) {
    return limit / 4;
  }

  /**
   * Takes the tokens if they are there.
   *
   * @return 0 when they were taken, else how long to wait before asking again, ns
   */
  synchronized long take(int wanted, long now) {
    if (wanted > capacity) {
      throw new IllegalArgumentException(wanted + " tokens are never there at once");
    }
    tokens = Math.min(capacity, tokens + (now - filledAt) / nanosPerToken);
    filledAt = now;
    if (tokens >= wanted) {
      tokens -= wanted;
      return 0;
    }
    return Math.max(1, (long) Math.ceil((wanted - tokens) * nanosPerToken));
  }
}
