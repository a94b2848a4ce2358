package io.foldlog.speed;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class QueryMonitorTest {

  private static final Duration OUTAGE = Duration.ofSeconds(10);

  /** A layer with a short outage limit ended on a slow machine, 15 s after it had started. */
  @Test
  void shouldGiveTheFirstEpochTheTimeOfAStart() {
    assertThat(QueryMonitor.longestEpoch(true, OUTAGE, Duration.ofMinutes(1)))
        .isEqualTo(Duration.ofMinutes(1));
    assertThat(QueryMonitor.longestEpoch(true, OUTAGE, Duration.ofSeconds(5)))
        .isEqualTo(Duration.ofSeconds(20));
  }

  @Test
  void shouldTakeALaterEpochOfTwiceTheOutageLimitForAnOutage() {
    assertThat(QueryMonitor.longestEpoch(false, OUTAGE, Duration.ofMinutes(1)))
        .isEqualTo(Duration.ofSeconds(20));
  }
}
