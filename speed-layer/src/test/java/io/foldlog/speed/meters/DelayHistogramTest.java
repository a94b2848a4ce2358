package io.foldlog.speed.meters;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DelayHistogramTest {

  @Test
  void shouldPutEveryDelayIntoABucketThatIsHardlyLarger() {
    for (long millis = 0; millis < 1L << 39; millis = millis * 5 / 4 + 1) {
      long upper = DelayHistogram.upperMillis(DelayHistogram.bucket(millis));
      assertThat(upper).isBetween(millis, millis + millis / 64);
    }
  }

  @Test
  void shouldTakeWhateverAClockSays() {
    assertThat(DelayHistogram.bucket(-5)).isZero();
    assertThat(DelayHistogram.bucket(Long.MAX_VALUE)).isEqualTo(DelayHistogram.BUCKETS - 1);
  }

  @Test
  void shouldNameHalfAndAllButOneInAHundred() {
    DelayHistogram delays = new DelayHistogram();
    for (int millis = 1; millis <= 100; millis++) {
      delays.record(millis);
    }

    assertThat(delays.summary()).isEqualTo(new DelaySummary(100, 50, 99));
    assertThat(new DelayHistogram().summary()).isEqualTo(new DelaySummary(0, 0, 0));
  }
}
