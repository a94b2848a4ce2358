package io.foldlog.testing.bench;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.AsyncResultSet;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.Row;
import io.foldlog.contract.UserField;
import io.foldlog.view.ViewTable;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Reads users of the {@link Workload} until they show, as somebody who waits for them would: one
 * question for each at a time, the next a millisecond after the answer.
 */
final class Visibility {

  private static final Duration LIMIT = Duration.ofMinutes(10);
  private static final Executor AFTER_A_PAUSE =
      CompletableFuture.delayedExecutor(1, TimeUnit.MILLISECONDS);

  private final CqlSession session;
  private final PreparedStatement question;

  Visibility(CqlSession session, String keyspace) {
    this.session = session;
    this.question =
        session.prepare(
            "SELECT %s FROM %s WHERE id = ?"
                .formatted(
                    UserField.LAST_EVENT_TIME.columnName(),
                    ViewTable.in(keyspace).qualifiedName()));
  }

  /**
   * Waits for each of the users from the instant on when it is sent.
   *
   * @return for each the µs from its event's time to the answer that showed it, sorted
   */
  long[] delays(int round, long from, long count, Instant start, Duration pace) throws Exception {
    long[] delays = new long[(int) count];
    CountDownLatch open = new CountDownLatch((int) count);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    for (int index = 0; index < count; index++) {
      long number = from + index;
      int place = index;
      long wait = Instant.now().until(start.plus(pace.multipliedBy(index)), ChronoUnit.NANOS);
      CompletableFuture.runAsync(
          () -> ask(round, number, place, delays, open, failure),
          CompletableFuture.delayedExecutor(Math.max(0, wait), TimeUnit.NANOSECONDS));
    }
    if (!open.await(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
      throw new TimeoutException(open.getCount() + " users did not show within " + LIMIT);
    }
    if (failure.get() != null) {
      throw new CompletionException(failure.get());
    }
    Arrays.sort(delays);
    return delays;
  }

  private void ask(
      int round,
      long number,
      int place,
      long[] delays,
      CountDownLatch open,
      AtomicReference<Throwable> failure) {
    session
        .executeAsync(question.bind(Workload.user(round, number)))
        .whenComplete(
            (AsyncResultSet answer, Throwable failed) -> {
              Row row = failed == null ? answer.one() : null;
              if (failed != null) {
                failure.compareAndSet(null, failed);
                open.countDown();
              } else if (row == null) {
                AFTER_A_PAUSE.execute(() -> ask(round, number, place, delays, open, failure));
              } else {
                delays[place] =
                    ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()) - row.getLong(0);
                open.countDown();
              }
            });
  }
}
