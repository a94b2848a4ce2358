package io.foldlog.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.foldlog.contract.PipelineException;
import io.foldlog.contract.TestEvents;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class UserViewWriterTest {

  private final HeldWrites held = new HeldWrites();
  private final UserViewWriter writer = held.view().writer(WriteListener.NONE);

  @Test
  void shouldReturnFromAwaitAllAfterTheLastAcknowledgement() throws Exception {
    write();
    write();
    CompletableFuture<Void> awaited = awaitAll();
    assertThat(awaited).isNotDone();

    held.acknowledge();
    assertThat(awaited).isNotDone();
    held.acknowledge();

    awaited.get();
  }

  @Test
  void shouldThrowTheFailureOfAWriteFromAwaitAllAndLaterCalls() throws Exception {
    write();
    write();
    CompletableFuture<Void> awaited = awaitAll();

    held.refuse();

    assertThatThrownBy(awaited::get)
        .cause()
        .isInstanceOf(PipelineException.class)
        .hasMessageContaining("topic users, partition 1, offset 2")
        .hasMessageContaining("held and refused");
    assertThatThrownBy(writer::awaitAll).isInstanceOf(PipelineException.class);
  }

  private void write() throws InterruptedException {
    writer.write(TestEvents.deleted(UUID.randomUUID(), TestEvents.NOON), "users", 1, 2, 3);
  }

  /** Returns when the thread waits or the call has returned. */
  private CompletableFuture<Void> awaitAll() {
    CompletableFuture<Void> awaited = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                writer.awaitAll();
                awaited.complete(null);
              } catch (Throwable thrown) {
                awaited.completeExceptionally(thrown);
              }
            });
    thread.start();
    await().until(() -> awaited.isDone() || thread.getState() == Thread.State.WAITING);
    return awaited;
  }
}
