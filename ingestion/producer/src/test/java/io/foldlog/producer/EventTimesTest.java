package io.foldlog.producer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class EventTimesTest {

  @Test
  void shouldReturnStrictlyIncreasingTimes() {
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
