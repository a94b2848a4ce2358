package io.foldlog.view;

import java.time.Duration;

/**
 * What writing may use.
 *
 * @param mostInFlight the highest bound of unacknowledged writes of this process; the actual bound
 *     adapts below it
 * @param giveUpAfter how long one write is retried before the writer fails as unavailable; while
 *     the database is overloaded, how long it may acknowledge none
 */
public record WriteLimits(int mostInFlight, Duration giveUpAfter) {

  /** 1,024 in flight, a minute of retrying. */
  public static final WriteLimits DEFAULT = new WriteLimits(1024, Duration.ofMinutes(1));

  public WriteLimits {
    if (mostInFlight < 1) {
      throw new IllegalArgumentException("mostInFlight is %d, below 1".formatted(mostInFlight));
    }
    if (giveUpAfter.isNegative()) {
      throw new IllegalArgumentException("giveUpAfter is %s, below 0".formatted(giveUpAfter));
    }
  }
}
