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
 * Queries users of the {@link Workload} until they are visible. There is one query for each user at
 * a time. The next one follows 1 ms after the response.
 */
final class Visibility {

  private static final Duration TIMEOUT = Duration.ofMinutes(10);
  private static final Executor DELAYED =
      CompletableFuture.delayedExecutor(1, TimeUnit.MILLISECONDS);

  private final CqlSession session;
  private final PreparedStatement query;

  Visibility(CqlSession session, String keyspace) {
    this.session = session;
    this.query =
        session.prepare(
            "SELECT %s FROM %s WHERE id = ?"
                .formatted(
                    UserField.LAST_EVENT_TIME.columnName(),
                    ViewTable.in(keyspace).qualifiedName()));
  }

  /**
   * Queries each user from the instant at which its event is sent.
   *
   * @return for each user, the µs from the event's time to the response that contains its row;
   *     sorted
   */
  long[] delays(int round, long from, long count, Instant start, Duration interval)
      throws Exception {
    long[] delays = new long[(int) count];
    CountDownLatch pending = new CountDownLatch((int) count);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    for (int index = 0; index < count; index++) {
      long number = from + index;
      int position = index;
      long wait = Instant.now().until(start.plus(interval.multipliedBy(index)), ChronoUnit.NANOS);
      CompletableFuture.runAsync(
          () -> query(round, number, position, delays, pending, failure),
          CompletableFuture.delayedExecutor(Math.max(0, wait), TimeUnit.NANOSECONDS));
    }
    if (!pending.await(TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
      throw new TimeoutException(pending.getCount() + " users were not visible within " + TIMEOUT);
    }
    if (failure.get() != null) {
      throw new CompletionException(failure.get());
    }
    Arrays.sort(delays);
    return delays;
  }

  private void query(
      int round,
      long number,
      int position,
      long[] delays,
      CountDownLatch pending,
      AtomicReference<Throwable> failure) {
    session
        .executeAsync(query.bind(Workload.user(round, number)))
        .whenComplete(
            (AsyncResultSet result, Throwable failed) -> {
              Row row = failed == null ? result.one() : null;
              if (failed != null) {
                failure.compareAndSet(null, failed);
                pending.countDown();
              } else if (row == null) {
                DELAYED.execute(() -> query(round, number, position, delays, pending, failure));
              } else {
                delays[position] =
                    ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()) - row.getLong(0);
                pending.countDown();
              }
            });
  }
}
