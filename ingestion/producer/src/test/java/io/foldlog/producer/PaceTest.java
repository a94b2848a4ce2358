package io.foldlog.producer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class PaceTest {

  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  @Property(tries = 100)
  void shouldSendSoManyASecond(@ForAll @DoubleRange(min = 0.5, max = 5000) double rate) {
    Pace pace = Pace.perSecond(rate);
    long now = -7 * SECOND;
    int events = 1000;
    for (int event = 0; event < events; event++) {
      now += Math.max(0, pace.nanosUntilNext(now));
      assertThat(pace.nanosUntilNext(now)).isNotPositive();
      pace.sent(now);
    }
    double seconds = (now + 7 * SECOND) / 1e9;
    assertThat((events - 1) / seconds).isBetween(rate * 0.99, rate * 1.01);
  }

  @Test
  void shouldMakeUpForOneSecondAtMost() {
    Pace pace = Pace.perSecond(10);
    assertThat(pace.nanosUntilNext(0)).isZero();
    pace.sent(0);
    int burst = 0;
    long now = 60 * SECOND;
    while (pace.nanosUntilNext(now) <= 0) {
      pace.sent(now);
      burst++;
    }
    assertThat(burst).isBetween(10, 12);
  }

  @Test
  void shouldSendABatchEveryInterval() {
    Pace pace = Pace.batches(3, Duration.ofSeconds(2));
    for (int batch = 0; batch < 4; batch++) {
      long due = 5 * SECOND + batch * 2 * SECOND;
      for (int event = 0; event < 3; event++) {
        assertThat(pace.nanosUntilNext(due)).isNotPositive();
        pace.sent(due + 1);
      }
      assertThat(pace.nanosUntilNext(due + SECOND)).isEqualTo(SECOND);
    }
  }

  @Test
  void shouldNotWaitWithoutAnInterval() {
    Pace pace = Pace.batches(2, Duration.ZERO);
    for (int event = 0; event < 10; event++) {
      assertThat(pace.nanosUntilNext(event)).isNotPositive();
      pace.sent(event);
    }
  }

  @Property(tries = 200)
  void shouldNeverGoOverTheLimitInAnyWindow(
      @ForAll @Size(min = 20, max = 200) List<@IntRange(min = 1, max = 25) Integer> wanted,
      @ForAll @IntRange(max = 10) int idleSeconds) {
    int limit = 100;
    Duration window = Duration.ofMinutes(5);
    TokenBucket bucket = new TokenBucket(limit, window, 0);
    Deque<long[]> taken = new ArrayDeque<>();
    long now = 0;
    for (int tokens : wanted) {
      for (long wait = bucket.take(tokens, now); wait > 0; wait = bucket.take(tokens, now)) {
        now += wait;
      }
      taken.add(new long[] {now, tokens});
      while (now - taken.peek()[0] > window.toNanos()) {
        taken.remove();
      }
      assertThat(taken.stream().mapToLong(entry -> entry[1]).sum()).isLessThanOrEqualTo(limit);
      now += idleSeconds * SECOND;
    }
  }

  @Test
  void shouldGiveTimesThatOnlyRise() {
    Instant[] clock = {Instant.parse("2026-01-31T00:00:00.0000019Z")};
    EventTimes times = EventTimes.clock(() -> clock[0]);
    long first = times.at(0);
    assertThat(first).isEqualTo(1769817600000001L);
    assertThat(times.at(1)).isEqualTo(first + 1);
    clock[0] = clock[0].minusSeconds(60);
    assertThat(times.at(2)).isEqualTo(first + 2);
    clock[0] = clock[0].plusSeconds(120);
    assertThat(times.at(3)).isEqualTo(first + 60_000_000);
  }
}
