package io.foldlog.producer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class PacingTest {

  /** Makes all reservations without waiting. The delay of the last one is the total time. */
  @Property(tries = 100)
  void shouldKeepTheRatePerSecond(@ForAll @DoubleRange(min = 0.5, max = 50_000) double rate) {
    Pacing pacing = Pacing.perSecond(rate);
    long start = System.nanoTime();
    int events = 10_000;
    Duration wait = Duration.ZERO;
    for (int event = 0; event < events; event++) {
      wait = pacing.reserve();
    }
    double seconds = (System.nanoTime() - start + wait.toNanos()) / 1e9;
    assertThat(seconds).isCloseTo(events / rate, tolerance(rate));
  }

  private static org.assertj.core.data.Offset<Double> tolerance(double rate) {
    return org.assertj.core.data.Offset.offset(0.02 * 10_000 / rate + 0.1);
  }

  @Test
  void shouldSendABatchEveryInterval() {
    Pacing pacing = Pacing.batches(3, Duration.ofHours(1));
    for (int batch = 0; batch < 4; batch++) {
      for (int event = 0; event < 3; event++) {
        assertThat(pacing.reserve())
            .isBetween(Duration.ofHours(batch).minusMinutes(1), Duration.ofHours(batch));
      }
    }
  }

  @Test
  void shouldNotWaitWithoutAnInterval() {
    Pacing pacing = Pacing.batches(2, Duration.ZERO);
    for (int event = 0; event < 10; event++) {
      assertThat(pacing.reserve()).isZero();
    }
  }

  /** A request counts at the time when its reservation is due. */
  @Test
  void shouldNotExceedTheRateLimitInAnyWindow() {
    int limit = 100;
    Duration window = Duration.ofMinutes(5);
    ApiRateLimit rateLimit = new ApiRateLimit(limit, window);
    Random random = new Random(1);
    Deque<long[]> taken = new ArrayDeque<>();
    for (int request = 0; request < 1_000; request++) {
      int users = 1 + random.nextInt(ApiRateLimit.maxAtOnce(limit));
      long due = System.nanoTime() + rateLimit.reserve(users).toNanos();
      taken.add(new long[] {due, users});
      // 10 seconds less than the window, because all reservations are made within a few seconds
      while (due - taken.peek()[0] > window.minusSeconds(10).toNanos()) {
        taken.remove();
      }
      assertThat(taken.stream().mapToLong(entry -> entry[1]).sum()).isLessThanOrEqualTo(limit);
    }
  }
}
