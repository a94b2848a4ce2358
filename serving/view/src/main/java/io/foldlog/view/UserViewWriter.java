package io.foldlog.view;

import static java.util.Objects.requireNonNull;

import io.foldlog.contract.PipelineException;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserField;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Writes the view. The pipeline writes the view only with this class. Writes are asynchronous,
 * bounded, and repeated until Cassandra acknowledges them. Each write has its own writetime, so a
 * repetition changes nothing. Writes are in the view only after {@link #awaitAll} has returned.
 *
 * <p>For one thread. After a failure every call throws it. Another writer must then repeat all
 * writes since the last successful {@link #awaitAll}.
 *
 * <p>Failures: {@link PipelineException} usage error when the failure is not retryable; the message
 * has the record's topic, partition and offset. A repair that Cassandra refuses does not fail the
 * writer: {@link #awaitRepairs} returns it. Unavailable when a write was not acknowledged within
 * {@link WriteLimits#maxRetryDuration}; while the database is overloaded, only when it acknowledged
 * no other write for that time either.
 */
public final class UserViewWriter {

  private static final long INITIAL_BACKOFF_MILLIS = 50;
  private static final long MAX_BACKOFF_MILLIS = 2_000;

  private final UserView view;
  private final WriteListener listener;
  private final Object lock = new Object();
  private final List<RejectedRepair> rejectedRepairs = new ArrayList<>();
  private long unacknowledged;
  private volatile RuntimeException failure;

  UserViewWriter(UserView view, WriteListener listener) {
    this.view = view;
    this.listener = requireNonNull(listener);
  }

  /**
   * Writes an event with its own time. Waits while the bound on writes in flight is reached.
   *
   * @param topic the topic of the event's record; with partition and offset part of error messages
   * @param recordTimestampMillis passed to {@link WriteListener#acknowledged}
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
   * Writes cells of a user, each with its own time. Writes no row marker, so the row exists only as
   * long as a cell has a value.
   */
  public void repair(UUID userId, List<CellWrite> cells) throws InterruptedException {
    List<CellWrite> writes = List.copyOf(cells);
    long[] times = writes.stream().mapToLong(CellWrite::timeMicros).distinct().sorted().toArray();
    for (long time : times) {
      Set<UserField> fields =
          writes.stream()
              .filter(cell -> cell.timeMicros() == time)
              .map(CellWrite::field)
              .collect(Collectors.toSet());
      send(new RepairWrite(() -> view.statements().update(userId, writes, time), userId, fields));
    }
  }

  /** Deletes a row: all its cells at or before that time, in µs. */
  public void deleteRow(UUID userId, long timeMicros) throws InterruptedException {
    send(new RepairWrite(() -> view.statements().delete(userId, timeMicros), userId, Set.of()));
  }

  /**
   * Waits until all writes so far are acknowledged.
   *
   * @throws PipelineException usage error, when Cassandra refused a repair
   */
  public void awaitAll() throws InterruptedException {
    List<RejectedRepair> refused = awaitRepairs();
    if (!refused.isEmpty()) {
      throw ViewErrors.repairIsRefused(refused.get(0), view.table().qualifiedName());
    }
  }

  /**
   * Waits until all writes so far are acknowledged or refused.
   *
   * @return the repairs that Cassandra refused since the last wait; all other writes are in the
   *     view
   */
  public List<RejectedRepair> awaitRepairs() throws InterruptedException {
    List<RejectedRepair> refused;
    synchronized (lock) {
      while (unacknowledged > 0 && failure == null) {
        lock.wait();
      }
      refused = List.copyOf(rejectedRepairs);
      rejectedRepairs.clear();
    }
    throwFailure();
    return refused;
  }

  private void send(Write write) throws InterruptedException {
    if (!view.limiter().enter(() -> failure != null)) {
      throwFailure();
    }
    synchronized (lock) {
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

  private void completed(RuntimeException failed) {
    synchronized (lock) {
      unacknowledged--;
      if (failed != null && failure == null) {
        failure = failed;
      }
      if (unacknowledged == 0 || failure != null) {
        lock.notifyAll();
      }
    }
  }

  /** One write in flight, from the first attempt to its acknowledgement or failure. */
  private abstract class Write implements BiConsumer<Object, Throwable>, Runnable {

    private final Supplier<CompletionStage<?>> statement;
    private long firstSentNanos;
    private long sentNanos;
    private int attempts;

    Write(Supplier<CompletionStage<?>> statement) {
      this.statement = statement;
    }

    /** Describes the write and its record, without personal data. */
    abstract String description();

    abstract void acknowledged();

    /** Whether the writer continues without this write, which Cassandra refused. */
    boolean continueWithout(Throwable refusal) {
      return false;
    }

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
        view.limiter().acknowledged(System.nanoTime() - sentNanos);
        acknowledged();
        completed(null);
        return;
      }
      WriteFailure kind = WriteFailure.of(error);
      if (kind == WriteFailure.OVERLOAD) {
        view.limiter().overloaded();
      }
      long triedNanos = System.nanoTime() - firstSentNanos;
      if (mayRetry(kind, triedNanos) && failure == null) {
        listener.retried();
        CompletableFuture.delayedExecutor(backoffMillis(), TimeUnit.MILLISECONDS).execute(this);
      } else {
        Throwable cause = WriteFailure.cause(error);
        boolean isSkipped = kind == WriteFailure.REJECTED && continueWithout(cause);
        completed(isSkipped ? null : exception(kind, cause, triedNanos));
        view.limiter().failed();
      }
    }

    /**
     * An overloaded database accepts only some writes. As long as it accepts any, a retry can
     * succeed.
     */
    private boolean mayRetry(WriteFailure kind, long triedNanos) {
      long limitNanos = view.limits().maxRetryDuration().toNanos();
      return switch (kind) {
        case OVERLOAD ->
            triedNanos < limitNanos
                || System.nanoTime() - view.limiter().acknowledgedAtNanos() < limitNanos;
        case TRANSIENT -> triedNanos < limitNanos;
        case REJECTED, UNEXPECTED -> false;
      };
    }

    private long backoffMillis() {
      long backoff = Math.min(MAX_BACKOFF_MILLIS, INITIAL_BACKOFF_MILLIS << Math.min(attempts, 10));
      return ThreadLocalRandom.current().nextLong(backoff / 2, backoff + 1);
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
    private final Set<UserField> fields;

    RepairWrite(Supplier<CompletionStage<?>> statement, UUID userId, Set<UserField> fields) {
      super(statement);
      this.userId = userId;
      this.fields = fields;
    }

    @Override
    String description() {
      return ViewErrors.repairWrite(userId);
    }

    @Override
    void acknowledged() {}

    @Override
    boolean continueWithout(Throwable refusal) {
      if (!WriteFailure.concernsOneWrite(refusal)) {
        return false;
      }
      synchronized (lock) {
        rejectedRepairs.add(
            new RejectedRepair(userId, fields, String.valueOf(refusal.getMessage())));
      }
      return true;
    }
  }
}
