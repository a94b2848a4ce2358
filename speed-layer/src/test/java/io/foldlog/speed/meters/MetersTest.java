package io.foldlog.speed.meters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MetersTest {

  private final ExecutorMeters executor = new ExecutorMeters("query");
  private final DriverMeters driver = new DriverMeters();

  private void count(int records) {
    for (int record = 0; record < records; record++) {
      executor.read();
      executor.acknowledged(System.currentTimeMillis());
    }
  }

  @Test
  void shouldSumReportsOfAllExecutors() {
    ExecutorMeters other = new ExecutorMeters("query");
    count(3);
    other.read();
    other.rejected(1);
    other.retried();
    other.unknownMembers(4);
    driver.add(executor.report());
    driver.add(other.report());
    count(2);
    driver.add(executor.report());

    DriverMeters.Snapshot sums = driver.snapshot();
    assertThat(sums.in()).isEqualTo(6);
    assertThat(sums.written()).isEqualTo(5);
    assertThat(sums.rejected()).isEqualTo(1);
    assertThat(sums.retried()).isEqualTo(1);
    assertThat(sums.unknownMembers()).isEqualTo(4);
    assertThat(sums.run().count()).isEqualTo(5);
  }

  @Test
  void shouldReportEachCountOnce() {
    count(3);

    assertThat(executor.report().isEmpty()).isFalse();
    assertThat(executor.report().isEmpty()).isTrue();
  }

  @Test
  void shouldReportP50AndP99() {
    assertThat(driver.snapshot().run()).isEqualTo(new DelaySummary(0, 0, 0));
    long now = System.currentTimeMillis();
    for (int minutes = 1; minutes <= 100; minutes++) {
      executor.acknowledged(now - TimeUnit.MINUTES.toMillis(minutes));
    }
    executor.acknowledged(now + TimeUnit.DAYS.toMillis(1));
    driver.add(executor.report());

    DelaySummary delays = driver.snapshot().run();
    assertThat(delays.count()).isEqualTo(101);
    assertThat(delays.p50Millis()).isCloseTo(TimeUnit.MINUTES.toMillis(50), withPercentage(1));
    assertThat(delays.p99Millis()).isCloseTo(TimeUnit.MINUTES.toMillis(99), withPercentage(1));
  }

  @Test
  void shouldRemoveReportsOlderThanOneMinute() {
    count(3);
    driver.add(executor.report(), 0);
    count(1);
    driver.add(executor.report(), TimeUnit.SECONDS.toNanos(30));

    DriverMeters.Snapshot later = driver.snapshot(TimeUnit.SECONDS.toNanos(61));
    assertThat(later.lastMinute().count()).isEqualTo(1);
    assertThat(later.run().count()).isEqualTo(4);
  }
}
