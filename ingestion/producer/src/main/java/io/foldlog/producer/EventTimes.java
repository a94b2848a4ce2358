package io.foldlog.producer;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Objects;

/** Gives events their times, strictly increasing. For one thread. */
interface EventTimes {

  /**
   * The time of the event at that position of the run, µs since 1970.
   *
   * @param position later for every event
   */
  long at(long position);

  /** The clock's time, or 1 µs after the event before where the clock has not moved on. */
  static EventTimes clock(InstantSource clock) {
    Objects.requireNonNull(clock);
    return new EventTimes() {
      private long last = Long.MIN_VALUE;

      @Override
      public long at(long position) {
        last = Math.max(last + 1, micros(clock.instant()));
        return last;
      }
    };
  }

  /** An instant plus the position in µs: the same in every run. */
  static EventTimes asOf(Instant asOf) {
    long start = micros(asOf);
    return position -> Math.addExact(start, position);
  }

  private static long micros(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }
}
