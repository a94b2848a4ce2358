package io.foldlog.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class InFlightLimiterTest {

  private final InFlightLimiter limiter = new InFlightLimiter(1024);

  @Test
  void shouldHalveTheBoundOnceForManyConcurrentOverloads() {
    int before = limiter.bound();

    for (int write = 0; write < before; write++) {
      limiter.overloaded();
    }

    assertThat(limiter.bound()).isEqualTo(before / 2);
  }

  @Test
  void shouldHalveAgainAfterAcknowledgementsButNotBelowTheMinimum() throws Exception {
    for (int round = 0; round < 20; round++) {
      limiter.overloaded();
      enterAndAcknowledge(limiter.bound() * 2);
    }

    assertThat(limiter.bound()).isEqualTo(4);
  }

  @Test
  void shouldBlockWritersAtTheBoundAndGrowWithAcknowledgements() throws Exception {
    int before = limiter.bound();
    for (int write = 0; write < before; write++) {
      assertThat(limiter.enter(() -> false)).isTrue();
    }
    CompletableFuture<Boolean> next = entering(new AtomicBoolean());
    assertThat(next).isNotDone();

    for (int write = 0; write < before; write++) {
      limiter.acknowledged(1_000);
    }

    assertThat(next.get()).isTrue();
    assertThat(limiter.bound()).isGreaterThanOrEqualTo(before);
  }

  @Test
  void shouldReleaseAWaitingWriterThatFailed() throws Exception {
    int bound = limiter.bound();
    for (int write = 0; write < bound; write++) {
      limiter.enter(() -> false);
    }
    AtomicBoolean failed = new AtomicBoolean();
    CompletableFuture<Boolean> next = entering(failed);

    failed.set(true);
    limiter.failed();

    assertThat(next.get()).isFalse();
  }

  private CompletableFuture<Boolean> entering(AtomicBoolean failed) {
    CompletableFuture<Boolean> entered = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                entered.complete(limiter.enter(failed::get));
              } catch (InterruptedException interruption) {
                entered.completeExceptionally(interruption);
              }
            });
    thread.start();
    await().until(() -> entered.isDone() || thread.getState() == Thread.State.WAITING);
    return entered;
  }

  private void enterAndAcknowledge(int writes) throws InterruptedException {
    for (int write = 0; write < writes; write++) {
      limiter.enter(() -> false);
      limiter.acknowledged(1_000);
    }
  }
}
