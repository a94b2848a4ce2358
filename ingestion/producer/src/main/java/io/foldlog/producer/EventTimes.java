package io.foldlog.producer;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Objects;

/** The times of events, strictly increasing. For one thread. */
interface EventTimes {

  /**
   * The time of the event at that position of the run, in µs since 1970.
   *
   * @param position must increase from event to event
   */
  long at(long position);

  /** The time of the clock, or 1 µs after the previous event if the clock has not advanced. */
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

  /** The instant plus the position in µs. It is the same in every run. */
  static EventTimes asOf(Instant asOf) {
    long start = micros(asOf);
    return position -> Math.addExact(start, position);
  }

  private static long micros(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }
}
