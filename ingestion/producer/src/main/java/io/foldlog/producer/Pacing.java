package io.foldlog.producer;

import dev.failsafe.RateLimiter;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Limits the rate of sent events with a rate limiter that starts with the first event. For one
 * thread.
 */
final class Pacing {

  /**
   * Above this rate the limiter uses slices of time, because a thread cannot wake up for each
   * event.
   */
  private static final double MAX_SMOOTH_RATE = 1_000;

  /** Slices of about 10 ms, so that each has a whole number of events. */
  private static final double SLICES_PER_SECOND = 100;

  private final Supplier<RateLimiter<Object>> start;
  private RateLimiter<Object> limiter;

  private Pacing(Supplier<RateLimiter<Object>> start) {
    this.start = start;
  }

  /** An even number of events per second. Does not catch up after a slow source or log. */
  static Pacing perSecond(double rate) {
    if (!(rate > 0)) {
      throw new IllegalArgumentException("Not a rate: " + rate);
    }
    if (rate <= MAX_SMOOTH_RATE) {
      Duration interval = Duration.ofNanos(Math.round(1e9 / rate));
      return new Pacing(() -> RateLimiter.smoothBuilder(interval).build());
    }
    long events = Math.round(rate / SLICES_PER_SECOND);
    Duration slice = Duration.ofNanos(Math.round(1e9 * events / rate));
    return new Pacing(() -> RateLimiter.burstyBuilder(events, slice).build());
  }

  /**
   * Batches of events. A batch starts one interval after the previous one; no pause if the interval
   * is 0.
   */
  static Pacing batches(int size, Duration interval) {
    return interval.isZero()
        ? new Pacing(() -> null)
        : new Pacing(() -> RateLimiter.burstyBuilder(size, interval).build());
  }

  /** Reserves one event. Returns how long to wait before it is sent. */
  Duration reserve() {
    if (limiter == null) {
      limiter = start.get();
    }
    return limiter == null ? Duration.ZERO : limiter.reservePermit();
  }
}
