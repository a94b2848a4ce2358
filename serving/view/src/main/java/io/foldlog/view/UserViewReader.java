package io.foldlog.view;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DefaultConsistencyLevel;
import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.cql.AsyncResultSet;
import com.datastax.oss.driver.api.core.cql.BoundStatement;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.Row;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import com.datastax.oss.driver.api.core.servererrors.QueryValidationException;
import io.foldlog.contract.PipelineException;
import io.foldlog.contract.UserField;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Reads users from the view at LOCAL_QUORUM, with the writetime of each cell. The caller closes the
 * session.
 *
 * <p>Failures: {@link PipelineException} unavailable when Cassandra does not answer after retries
 * ({@link CqlRetry}), usage error when it refuses the read.
 */
public final class UserViewReader {

  /**
   * The maximum number of rows in a page of a scan. It is limited because tombstones count per
   * read.
   */
  public static final int PAGE_ROWS = 1000;

  private static final int READS_IN_FLIGHT = 64;
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(25);

  /**
   * The number of token ranges that a scan reads one after another, because tombstones of deleted
   * users add up in a range.
   */
  private static final int SCAN_RANGES = 64;

  private final CqlSession session;
  private final ViewTable table;
  private final PreparedStatement selectOne;
  private final PreparedStatement selectRange;

  private UserViewReader(CqlSession session, ViewTable table) {
    this.session = session;
    this.table = table;
    this.selectOne = withRetry(() -> session.prepare(statement(table.selectOne())));
    this.selectRange = withRetry(() -> session.prepare(statement(table.selectRange())));
  }

  /**
   * Creates a reader of the view in a keyspace with a session of a role that may read it.
   *
   * @throws PipelineException usage error, when the table is missing or does not belong to the
   *     pipeline
   */
  public static UserViewReader over(CqlSession session, String keyspace) {
    ViewTable table = ViewTable.in(keyspace);
    table.require(session);
    return new UserViewReader(session, table);
  }

  private static SimpleStatement statement(String text) {
    return SimpleStatement.builder(text)
        .setIdempotence(true)
        .setConsistencyLevel(DefaultConsistencyLevel.LOCAL_QUORUM)
        .setPageSize(PAGE_ROWS)
        .setTimeout(REQUEST_TIMEOUT)
        .build();
  }

  /** The user's row; empty if there is none. */
  public Optional<ViewRow> read(UUID userId) {
    return withRetry(() -> Optional.ofNullable(session.execute(selectOne.bind(userId)).one()))
        .map(UserViewReader::row);
  }

  /** The existing rows of these users, by user id. */
  public Map<UUID, ViewRow> readAll(Collection<UUID> userIds) {
    Map<UUID, ViewRow> rows = new HashMap<>();
    Deque<Pending> pending = new ArrayDeque<>();
    for (UUID userId : userIds) {
      if (pending.size() == READS_IN_FLIGHT) {
        pending.remove().await(rows);
      }
      pending.add(new Pending(userId, session.executeAsync(selectOne.bind(userId))));
    }
    pending.forEach(read -> read.await(rows));
    return rows;
  }

  private final class Pending {

    private final UUID userId;
    private final CompletionStage<AsyncResultSet> result;

    Pending(UUID userId, CompletionStage<AsyncResultSet> result) {
      this.userId = userId;
      this.result = result;
    }

    void await(Map<UUID, ViewRow> rows) {
      try {
        Optional.ofNullable(result.toCompletableFuture().join().one())
            .ifPresent(found -> rows.put(userId, row(found)));
      } catch (CompletionException failed) {
        read(userId).ifPresent(found -> rows.put(userId, found));
      }
    }
  }

  /** Passes every row to the consumer, in no defined order. Reads page by page. */
  public void scan(Consumer<ViewRow> consumer) {
    long width = Long.divideUnsigned(-1L, SCAN_RANGES);
    long start = Long.MIN_VALUE;
    for (int number = 1; number <= SCAN_RANGES; number++) {
      long end = number == SCAN_RANGES ? Long.MAX_VALUE : start + width;
      scan(start, end, consumer);
      start = end;
    }
  }

  /**
   * As {@link #scan(Consumer)}, for the rows of a token range: exclusive of the first token and
   * inclusive of the second.
   */
  public void scan(long afterToken, long upToToken, Consumer<ViewRow> consumer) {
    scan(
        selectRange.bind().setBytesUnsafe(0, bytes(afterToken)).setBytesUnsafe(1, bytes(upToToken)),
        consumer);
  }

  private void scan(BoundStatement range, Consumer<ViewRow> consumer) {
    BoundStatement next = range;
    while (true) {
      BoundStatement request = next;
      AsyncResultSet page =
          withRetry(() -> session.executeAsync(request).toCompletableFuture().join());
      page.currentPage().forEach(found -> consumer.accept(row(found)));
      ByteBuffer state = page.getExecutionInfo().getPagingState();
      if (state == null) {
        return;
      }
      next = range.setPagingState(state);
    }
  }

  private static ByteBuffer bytes(long token) {
    return ByteBuffer.allocate(Long.BYTES).putLong(0, token);
  }

  private static ViewRow row(Row found) {
    ViewRow.Builder row = ViewRow.of(found.getUuid(0));
    for (UserField field : UserField.all()) {
      int index = 1 + 3 * field.ordinal();
      ByteBuffer value = found.getBytesUnsafe(index);
      if (value != null) {
        byte[] bytes = new byte[value.remaining()];
        value.duplicate().get(bytes);
        row.cell(field, bytes, found.getLong(index + 1), found.getInt(index + 2));
      }
    }
    return row.build();
  }

  private <T> T withRetry(Supplier<T> request) {
    try {
      return CqlRetry.get(request);
    } catch (QueryValidationException refusal) {
      throw ViewErrors.readIsRefused(table.qualifiedName(), refusal);
    } catch (DriverException failure) {
      throw ViewErrors.readIsNotAnswered(table.qualifiedName(), failure);
    }
  }
}
