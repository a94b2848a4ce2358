package io.foldlog.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class InFlightLimiterTest {

  private final InFlightLimiter window = new InFlightLimiter(1024);

  @Test
  void shouldHalveOnceForAWindowOfOverloads() {
    int before = window.bound();

    for (int write = 0; write < before; write++) {
      window.overloaded();
    }

    assertThat(window.bound()).isEqualTo(before / 2);
  }

  @Test
  void shouldNeverFallBelowAFewAndHalveAgainAfterAWindowOfAcknowledgements() throws Exception {
    for (int round = 0; round < 20; round++) {
      window.overloaded();
      pass(window.bound() * 2);
    }

    assertThat(window.bound()).isEqualTo(4);
  }

  @Test
  void shouldHoldBackWhoComesWhenItIsFullAndGrowAsItEmpties() throws Exception {
    int before = window.bound();
    for (int write = 0; write < before; write++) {
      assertThat(window.enter(() -> false)).isTrue();
    }
    CompletableFuture<Boolean> next = entering(new AtomicBoolean());
    assertThat(next).isNotDone();

    for (int write = 0; write < before; write++) {
      window.acknowledged(1_000);
    }

    assertThat(next.get()).isTrue();
    assertThat(window.bound()).isGreaterThanOrEqualTo(before);
  }

  @Test
  void shouldLetGoOfAWriterThatFailed() throws Exception {
    int bound = window.bound();
    for (int write = 0; write < bound; write++) {
      window.enter(() -> false);
    }
    AtomicBoolean failed = new AtomicBoolean();
    CompletableFuture<Boolean> next = entering(failed);

    failed.set(true);
    window.failed();

    assertThat(next.get()).isFalse();
  }

  private CompletableFuture<Boolean> entering(AtomicBoolean failed) {
    CompletableFuture<Boolean> entered = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                entered.complete(window.enter(failed::get));
              } catch (InterruptedException interruption) {
                entered.completeExceptionally(interruption);
              }
            });
    thread.start();
    await().until(() -> entered.isDone() || thread.getState() == Thread.State.WAITING);
    return entered;
  }

  private void pass(int writes) throws InterruptedException {
    for (int write = 0; write < writes; write++) {
      window.enter(() -> false);
      window.acknowledged(1_000);
    }
  }
}
