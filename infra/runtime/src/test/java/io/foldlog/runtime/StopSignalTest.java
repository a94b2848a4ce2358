package io.foldlog.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StopSignalTest {
  private final StopSignal stop = new StopSignal();

  @Test
  void shouldKeepTheStatusOfTheFirstRequest() throws InterruptedException {
    assertThat(stop.await(Duration.ZERO)).isFalse();
    assertThat(stop.request(ExitStatus.TERMINATED)).isTrue();
    assertThat(stop.request(ExitStatus.INTERRUPTED)).isFalse();
    assertThat(stop.status()).contains(ExitStatus.TERMINATED);
    assertThat(stop.isRequested()).isTrue();
    assertThat(stop.await(Duration.ZERO)).isTrue();
  }

  @Test
  void shouldRunEveryActionOnceEvenIfOneThrows() {
    List<String> ran = new ArrayList<>();
    stop.onRequest(
        () -> {
          throw new IllegalStateException("on purpose");
        });
    stop.onRequest(() -> ran.add("before"));
    stop.request(ExitStatus.TERMINATED);
    stop.onRequest(() -> ran.add("after"));
    assertThat(ran).containsExactly("before", "after");
  }
}
