package io.foldlog.view;

import java.time.Duration;

/**
 * The limits of writes.
 *
 * @param maxInFlight the maximum of the bound on unacknowledged writes of this process; the bound
 *     adapts below it
 * @param maxRetryDuration how long one write is retried before the writer fails as unavailable;
 *     while the database is overloaded, how long it may acknowledge none
 */
public record WriteLimits(int maxInFlight, Duration maxRetryDuration) {

  /** 1,024 in flight, a minute of retrying. */
  public static final WriteLimits DEFAULT = new WriteLimits(1024, Duration.ofMinutes(1));

  public WriteLimits {
    if (maxInFlight < 1) {
      throw new IllegalArgumentException("maxInFlight is %d, below 1".formatted(maxInFlight));
    }
    if (maxRetryDuration.isNegative()) {
      throw new IllegalArgumentException(
          "maxRetryDuration is %s, below 0".formatted(maxRetryDuration));
    }
  }
}
