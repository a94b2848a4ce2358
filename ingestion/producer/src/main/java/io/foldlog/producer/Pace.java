package io.foldlog.producer;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** When the next event may be sent. Times are those of {@link System#nanoTime}. For one thread. */
interface Pace {

  /** How long to wait from now, ns; not positive for no longer. */
  long nanosUntilNext(long now);

  /** Notes that an event was sent. */
  void sent(long now);

  /**
   * Evenly, so many a second. What was missed while the log or the source was slow is made up for
   * one second at most.
   */
  static Pace perSecond(double rate) {
    if (!(rate > 0)) {
      throw new IllegalArgumentException("No rate: " + rate);
    }
    double nanosEach = TimeUnit.SECONDS.toNanos(1) / rate;
    double mostBehind = Math.max(nanosEach, TimeUnit.SECONDS.toNanos(1));
    return new Pace() {
      private boolean begun;
      private long origin;
      private double due;

      @Override
      public long nanosUntilNext(long now) {
        if (!begun) {
          begun = true;
          origin = now;
        }
        return (long) Math.ceil(due - (now - origin));
      }

      @Override
      public void sent(long now) {
        due = Math.max(due + nanosEach, now - origin - mostBehind);
      }
    };
  }

  /**
   * So many at once, every interval from the first on; a batch that comes late does not hurry the
   * next. With an interval of 0 there is no wait at all.
   */
  static Pace batches(int size, Duration interval) {
    if (size < 1 || interval.isNegative()) {
      throw new IllegalArgumentException("No pace: " + size + " every " + interval);
    }
    long nanosEach = interval.toNanos();
    return new Pace() {
      private boolean begun;
      private long batchAt;
      private int left;

      @Override
      public long nanosUntilNext(long now) {
        if (!begun) {
          begun = true;
          batchAt = now;
          left = size;
        }
        return left > 0 ? 0 : batchAt + nanosEach - now;
      }

      @Override
      public void sent(long now) {
        if (left == 0) {
          long due = batchAt + nanosEach;
          batchAt = now - due > nanosEach ? now : due;
          left = size;
        }
        left--;
      }
    };
  }
}
