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
 * Reads users as the view shows them, cell by cell with writetimes, at LOCAL_QUORUM. The session
 * stays the caller's to close.
 *
 * <p>Failures: {@link PipelineException} unavailable when Cassandra does not answer, refused when
 * it says no. Reads are repeated before that ({@link CqlRetry}).
 */
public final class UserViewReader {

  /** The most rows a page of a scan may hold, because tombstones count against a read. */
  public static final int PAGE_ROWS = 1000;

  private static final int READS_IN_FLIGHT = 64;
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(25);

  /**
   * Slices of the ring that one scan reads after another: deleted users between live ones add up.
   */
  private static final int SCAN_SLICES = 64;

  private final CqlSession session;
  private final ViewTable table;
  private final PreparedStatement one;
  private final PreparedStatement range;

  private UserViewReader(CqlSession session, ViewTable table) {
    this.session = session;
    this.table = table;
    this.one = answered(() -> session.prepare(statement(table.selectOne())));
    this.range = answered(() -> session.prepare(statement(table.selectRange())));
  }

  /**
   * The view in a keyspace, over a session of a role that may read it.
   *
   * @throws PipelineException usage error, when the table is missing or not the pipeline's
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
        .setTimeout(ANSWER_LIMIT)
        .build();
  }

  /** The user's row, if it shows. */
  public Optional<ViewRow> read(UUID userId) {
    return answered(() -> Optional.ofNullable(session.execute(one.bind(userId)).one()))
        .map(UserViewReader::row);
  }

  /** The rows that show, of those users, by their ids. */
  public Map<UUID, ViewRow> readAll(Collection<UUID> userIds) {
    Map<UUID, ViewRow> rows = new HashMap<>();
    Deque<Pending> pending = new ArrayDeque<>();
    for (UUID userId : userIds) {
      if (pending.size() == READS_IN_FLIGHT) {
        pending.remove().await(rows);
      }
      pending.add(new Pending(userId, session.executeAsync(one.bind(userId))));
    }
    pending.forEach(read -> read.await(rows));
    return rows;
  }

  private final class Pending {

    private final UUID userId;
    private final CompletionStage<AsyncResultSet> answer;

    Pending(UUID userId, CompletionStage<AsyncResultSet> answer) {
      this.userId = userId;
      this.answer = answer;
    }

    void await(Map<UUID, ViewRow> rows) {
      try {
        Optional.ofNullable(answer.toCompletableFuture().join().one())
            .ifPresent(found -> rows.put(userId, row(found)));
      } catch (CompletionException failed) {
        read(userId).ifPresent(found -> rows.put(userId, found));
      }
    }
  }

  /**
   * Hands over every row that shows, in no order to rely on; each page is read when it is needed.
   */
  public void scan(Consumer<ViewRow> consumer) {
    long width = Long.divideUnsigned(-1L, SCAN_SLICES);
    long start = Long.MIN_VALUE;
    for (int slice = 1; slice <= SCAN_SLICES; slice++) {
      long end = slice == SCAN_SLICES ? Long.MAX_VALUE : start + width;
      scan(start, end, consumer);
      start = end;
    }
  }

  /**
   * As {@link #scan(Consumer)}, the rows of a part of the ring: those whose token is above the
   * first and not above the second.
   */
  public void scan(long afterToken, long upToToken, Consumer<ViewRow> consumer) {
    scan(
        range.bind().setBytesUnsafe(0, bytes(afterToken)).setBytesUnsafe(1, bytes(upToToken)),
        consumer);
  }

  private void scan(BoundStatement slice, Consumer<ViewRow> consumer) {
    BoundStatement next = slice;
    while (true) {
      BoundStatement asked = next;
      AsyncResultSet page =
          answered(() -> session.executeAsync(asked).toCompletableFuture().join());
      page.currentPage().forEach(found -> consumer.accept(row(found)));
      ByteBuffer state = page.getExecutionInfo().getPagingState();
      if (state == null) {
        return;
      }
      next = slice.setPagingState(state);
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

  private <T> T answered(Supplier<T> question) {
    try {
      return CqlRetry.get(question);
    } catch (QueryValidationException refusal) {
      throw ViewErrors.readIsRefused(table.qualifiedName(), refusal);
    } catch (DriverException failure) {
      throw ViewErrors.readIsNotAnswered(table.qualifiedName(), failure);
    }
  }
}
