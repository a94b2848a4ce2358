package io.foldlog.speed.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.foldlog.contract.DecodeRules;
import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.EventEncoder;
import io.foldlog.contract.PipelineException;
import io.foldlog.contract.TestEvents;
import io.foldlog.contract.UserEvent;
import io.foldlog.log.DeadLetters;
import io.foldlog.log.LogId;
import io.foldlog.view.HeldWrites;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.connector.write.WriterCommitMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The guarantees of {@code commit}: Spark commits the checkpoint after it returns. */
class UserViewDataWriterTest {

  private static final long MILLIS = 1_704_067_200_000L;

  /** Settings of a producer that reaches no broker and fails quickly. */
  private static final SinkSettings SETTINGS =
      new SinkSettings(
          "query",
          "users",
          LogId.of("id"),
          "users.dead-letter",
          DecodeRules.current(EventDecoder.CreateTime.REJECT),
          "held",
          10,
          Duration.ofMillis(500),
          Map.of("bootstrap.servers", "127.0.0.1:1", "max.block.ms", "100"),
          Map.of());

  private final HeldWrites held = new HeldWrites();
  private final DeadLetters deadLetters =
      DeadLetters.open(SETTINGS.kafkaClients(), SETTINGS.deadLetterTopic());
  private final ExecutorContext context =
      new ExecutorContext(
          SETTINGS, () -> new ExecutorContext.Connections(held.view(), deadLetters, () -> {}));
  private final UserViewDataWriter writer =
      new UserViewDataWriter(new RecordLayout(0, 1, 2, 3, 4, 5, 6), context);

  @AfterEach
  void close() {
    deadLetters.close();
  }

  @Test
  void shouldNotCommitBeforeAllWritesAreAcknowledged() throws Exception {
    writer.write(row(0, event()));
    writer.write(row(1, event()));
    assertThat(held.count()).isEqualTo(2);

    CompletableFuture<WriterCommitMessage> commit = commit();
    assertThat(commit).isNotDone();
    held.acknowledge();
    assertThat(commit).isNotDone();
    held.acknowledge();

    assertThat(commit.get())
        .isInstanceOfSatisfying(
            TaskCommit.Records.class,
            records -> {
              assertThat(records.nextOffset()).isEqualTo(2);
              assertThat(records.written()).isEqualTo(2);
            });
  }

  @Test
  void shouldNotCommitFailedWrite() throws Exception {
    writer.write(row(0, event()));
    writer.write(row(1, event()));
    CompletableFuture<WriterCommitMessage> commit = commit();
    held.acknowledge();

    held.refuse();

    assertThatThrownBy(commit::get)
        .cause()
        .isInstanceOf(PipelineException.class)
        .hasMessageContaining("topic users, partition 3, offset 1");
  }

  @Test
  void shouldNotCommitRejectedRecordWithoutDeadLetter() throws Exception {
    writer.write(row(0, "not JSON".getBytes(StandardCharsets.UTF_8)));

    assertThatThrownBy(writer::commit).isInstanceOf(PipelineException.class);
  }

  private static byte[] event() {
    UserEvent event = TestEvents.deleted(UUID.randomUUID(), MILLIS * 1_000);
    return EventEncoder.value(event);
  }

  private static InternalRow row(long offset, byte[] value) {
    int logAppendTime = 1;
    return new GenericInternalRow(
        new Object[] {null, value, 3, offset, MILLIS * 1_000, logAppendTime, null});
  }

  /** Starts a commit in a thread; returns when the commit is complete or waits. */
  private CompletableFuture<WriterCommitMessage> commit() {
    CompletableFuture<WriterCommitMessage> committed = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                committed.complete(writer.commit());
              } catch (Throwable thrown) {
                committed.completeExceptionally(thrown);
              }
            });
    thread.start();
    await().until(() -> committed.isDone() || thread.getState() == Thread.State.WAITING);
    return committed;
  }
}
