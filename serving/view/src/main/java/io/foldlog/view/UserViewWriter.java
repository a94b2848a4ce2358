package io.foldlog.view;

import static java.util.Objects.requireNonNull;

import io.foldlog.contract.PipelineException;
import io.foldlog.contract.UserEvent;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * The only way the pipeline writes the view. Writes are asynchronous, bounded, and repeated until
 * Cassandra acknowledges them: each carries its own time, so repeating one changes nothing. Nothing
 * is known to be in the view before {@link #awaitAll} has returned.
 *
 * <p>For one thread. After a failure every call throws it: what was given since the last successful
 * {@link #awaitAll} has to be written again by another writer.
 *
 * <p>Failures: {@link PipelineException} refused when no repetition can cure it, with the place of
 * the record; unavailable when a write was not acknowledged within {@link
 * WriteLimits#maxRetryDuration}, and an overloaded database has not acknowledged any other for as
 * long.
 */
public final class UserViewWriter {

  private static final long FIRST_PAUSE_MILLIS = 50;
  private static final long LONGEST_PAUSE_MILLIS = 2_000;

  private final UserView view;
  private final WriteListener listener;
  private final Object account = new Object();
  private long unacknowledged;
  private volatile RuntimeException failure;

  UserViewWriter(UserView view, WriteListener listener) {
    this.view = view;
    this.listener = requireNonNull(listener);
  }

  /**
   * Gives an event to be written at its own time. Waits while the bound of writes in flight is
   * reached.
   *
   * @param topic where the event was read, with partition and offset; named when it is refused
   * @param recordTimestampMillis given back to {@link WriteListener#acknowledged}
   */
  public void write(
      UserEvent event, String topic, int partition, long offset, long recordTimestampMillis)
      throws InterruptedException {
    Supplier<CompletionStage<?>> statement =
        event.isDeletion()
            ? () -> view.statements().delete(event.userId(), event.timeMicros())
            : () -> view.statements().insert(event);
    send(new RecordWrite(statement, event, topic, partition, offset, recordTimestampMillis));
  }

  /**
   * Gives cells of a user to be written, each at its own time. No row is made: one shows as long as
   * a cell of it has a value.
   */
  public void repair(UUID userId, List<CellWrite> cells) throws InterruptedException {
    List<CellWrite> given = List.copyOf(cells);
    long[] times = given.stream().mapToLong(CellWrite::timeMicros).distinct().sorted().toArray();
    for (long time : times) {
      send(new RepairWrite(() -> view.statements().update(userId, given, time), userId));
    }
  }

  /** Gives a row to be deleted: all its cells at or before that time, µs. */
  public void deleteRow(UUID userId, long timeMicros) throws InterruptedException {
    send(new RepairWrite(() -> view.statements().delete(userId, timeMicros), userId));
  }

  /** Waits until everything given so far is acknowledged. */
  public void awaitAll() throws InterruptedException {
    synchronized (account) {
      while (unacknowledged > 0 && failure == null) {
        account.wait();
      }
    }
    throwFailure();
  }

  private void send(Write write) throws InterruptedException {
    if (!view.window().enter(() -> failure != null)) {
      throwFailure();
    }
    synchronized (account) {
      unacknowledged++;
    }
    write.send();
  }

  private void throwFailure() {
    RuntimeException failed = failure;
    if (failed != null) {
      throw failed;
    }
  }

  private void settled(RuntimeException failed) {
    synchronized (account) {
      unacknowledged--;
      if (failed != null && failure == null) {
        failure = failed;
      }
      if (unacknowledged == 0 || failure != null) {
        account.notifyAll();
      }
    }
  }

  /** One write in flight, from its first sending to its acknowledgement or failure. */
  private abstract class Write implements BiConsumer<Object, Throwable>, Runnable {

    private final Supplier<CompletionStage<?>> statement;
    private long firstSentNanos;
    private long sentNanos;
    private int attempts;

    Write(Supplier<CompletionStage<?>> statement) {
      this.statement = statement;
    }

    /** What is written and where it was read, without personal data. */
    abstract String description();

    abstract void acknowledged();

    void send() {
      firstSentNanos = System.nanoTime();
      run();
    }

    @Override
    public void run() {
      attempts++;
      sentNanos = System.nanoTime();
      try {
        statement.get().whenComplete(this);
      } catch (RuntimeException closed) {
        accept(null, closed);
      }
    }

    @Override
    public void accept(Object result, Throwable error) {
      if (error == null) {
        view.window().acknowledged(System.nanoTime() - sentNanos);
        acknowledged();
        settled(null);
        return;
      }
      WriteFailure kind = WriteFailure.of(error);
      if (kind == WriteFailure.OVERLOAD) {
        view.window().overloaded();
      }
      long triedNanos = System.nanoTime() - firstSentNanos;
      if (mayRetry(kind, triedNanos) && failure == null) {
        listener.retried();
        CompletableFuture.delayedExecutor(pauseMillis(), TimeUnit.MILLISECONDS).execute(this);
      } else {
        settled(exception(kind, WriteFailure.cause(error), triedNanos));
        view.window().failed();
      }
    }

    /**
     * An overloaded database takes some writes and not others: as long as it takes any, this one's
     * turn comes.
     */
    private boolean mayRetry(WriteFailure kind, long triedNanos) {
      long limitNanos = view.limits().maxRetryDuration().toNanos();
      return switch (kind) {
        case OVERLOAD ->
            triedNanos < limitNanos
                || System.nanoTime() - view.window().acknowledgedAtNanos() < limitNanos;
        case TRANSIENT -> triedNanos < limitNanos;
        case REJECTED, UNEXPECTED -> false;
      };
    }

    private long pauseMillis() {
      long pause = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(attempts, 10));
      return ThreadLocalRandom.current().nextLong(pause / 2, pause + 1);
    }

    private RuntimeException exception(WriteFailure kind, Throwable cause, long triedNanos) {
      String table = view.table().qualifiedName();
      return switch (kind) {
        case OVERLOAD, TRANSIENT ->
            ViewErrors.writeIsNotAcknowledged(
                description(), table, TimeUnit.NANOSECONDS.toSeconds(triedNanos), cause);
        case REJECTED -> ViewErrors.writeIsRefused(description(), table, cause);
        case UNEXPECTED -> new IllegalStateException("Cannot write " + description(), cause);
      };
    }
  }

  private final class RecordWrite extends Write {

    private final UserEvent event;
    private final String topic;
    private final int partition;
    private final long offset;
    private final long recordTimestampMillis;

    RecordWrite(
        Supplier<CompletionStage<?>> statement,
        UserEvent event,
        String topic,
        int partition,
        long offset,
        long recordTimestampMillis) {
      super(statement);
      this.event = event;
      this.topic = topic;
      this.partition = partition;
      this.offset = offset;
      this.recordTimestampMillis = recordTimestampMillis;
    }

    @Override
    String description() {
      return ViewErrors.eventWrite(topic, partition, offset, event);
    }

    @Override
    void acknowledged() {
      listener.acknowledged(recordTimestampMillis);
    }
  }

  private final class RepairWrite extends Write {

    private final UUID userId;

    RepairWrite(Supplier<CompletionStage<?>> statement, UUID userId) {
      super(statement);
      this.userId = userId;
    }

    @Override
    String description() {
      return ViewErrors.repairWrite(userId);
    }

    @Override
    void acknowledged() {}
  }
}
