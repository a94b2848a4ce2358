package io.foldlog.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.foldlog.contract.PipelineException;
import io.foldlog.contract.TestEvents;
import io.foldlog.contract.UserField;
import java.util.List;
import java.util.Set;
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

  @Test
  void shouldContinueWithoutARejectedRepair() throws Exception {
    UUID user = UUID.randomUUID();
    writer.repair(
        user,
        List.of(
            CellWrite.tombstone(UserField.CITY, 1),
            CellWrite.tombstone(UserField.STATE, 1),
            CellWrite.tombstone(UserField.EMAIL, 2)));
    writer.deleteRow(user, 3);
    held.refuse();
    held.acknowledge();
    held.refuse();

    assertThat(writer.awaitRepairs())
        .extracting(RejectedRepair::userId, RejectedRepair::fields, RejectedRepair::reason)
        .containsExactly(
            tuple(user, Set.of(UserField.CITY, UserField.STATE), "held and refused"),
            tuple(user, Set.of(), "held and refused"));
    assertThat(writer.awaitRepairs()).isEmpty();

    writer.deleteRow(user, 4);
    held.refuse();
    assertThatThrownBy(writer::awaitAll)
        .isInstanceOf(PipelineException.class)
        .hasMessageContaining("the repair of user " + user)
        .hasMessageContaining("held and refused");
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
