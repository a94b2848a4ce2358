package io.foldlog.producer;

import dev.failsafe.RateLimiter;
import java.time.Duration;
import java.util.function.Supplier;

/** How fast events are sent: by a rate limiter that starts with the first event. For one thread. */
final class Pacing {

  /**
   * Above this rate the limiter counts whole slices of time, because no thread wakes up that often.
   */
  private static final double MAX_SMOOTH_RATE = 1_000;

  /** Slices of some 10 ms, such that each has a whole number of events. */
  private static final double SLICES_PER_SECOND = 100;

  private final Supplier<RateLimiter<Object>> start;
  private RateLimiter<Object> limiter;

  private Pacing(Supplier<RateLimiter<Object>> start) {
    this.start = start;
  }

  /** So many events per second, evenly; what a slow source or log misses is not made up for. */
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

  /** So many events at once, then a pause until the interval is over; no pause with 0. */
  static Pacing batches(int size, Duration interval) {
    return interval.isZero()
        ? new Pacing(() -> null)
        : new Pacing(() -> RateLimiter.burstyBuilder(size, interval).build());
  }

  /** Takes the right to send one event, and returns how long to wait before it is sent. */
  Duration reserve() {
    if (limiter == null) {
      limiter = start.get();
    }
    return limiter == null ? Duration.ZERO : limiter.reservePermit();
  }
}
