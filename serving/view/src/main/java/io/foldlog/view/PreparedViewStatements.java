package io.foldlog.view;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DefaultConsistencyLevel;
import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.cql.BoundStatementBuilder;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import com.datastax.oss.driver.api.core.servererrors.QueryValidationException;
import io.foldlog.contract.PipelineException;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserField;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;

/** The statements, prepared on one session. The caller closes the session. */
final class PreparedViewStatements implements ViewStatements {

  /** Longer than the timeout of the database, so that the database reports its timeout. */
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(12);

  private static final int CELLS = UserField.count();

  private final CqlSession session;
  private final PreparedStatement insert;
  private final PreparedStatement update;
  private final PreparedStatement delete;

  /**
   * Prepares the statements.
   *
   * @throws PipelineException usage error, when Cassandra refuses to prepare them; unavailable,
   *     when it does not answer
   */
  PreparedViewStatements(CqlSession session, ViewTable table) {
    this.session = session;
    this.insert = prepare(session, table, table.insert());
    this.update = prepare(session, table, table.update());
    this.delete = prepare(session, table, table.delete());
  }

  private static PreparedStatement prepare(CqlSession session, ViewTable table, String statement) {
    try {
      SimpleStatement request =
          SimpleStatement.builder(statement)
              .setIdempotence(true)
              .setConsistencyLevel(DefaultConsistencyLevel.LOCAL_QUORUM)
              .setTimeout(REQUEST_TIMEOUT)
              .build();
      return CqlRetry.get(() -> session.prepare(request));
    } catch (QueryValidationException refusal) {
      throw ViewErrors.prepareIsRefused(table.qualifiedName(), refusal);
    } catch (DriverException failure) {
      throw ViewErrors.prepareIsNotAnswered(table.qualifiedName(), failure);
    }
  }

  @Override
  public CompletionStage<?> insert(UserEvent event) {
    BoundStatementBuilder builder = insert.boundStatementBuilder();
    for (int index = 0; index < CELLS; index++) {
      UserField field = UserField.all().get(index);
      if (event.isSet(field)) {
        builder = builder.setBytesUnsafe(index, ByteBuffer.wrap(event.value(field)));
      } else if (event.isCleared(field)) {
        builder = builder.setToNull(index);
      }
    }
    return session.executeAsync(
        builder
            .setBytesUnsafe(CELLS, bytes(event.userId()))
            .setBytesUnsafe(CELLS + 1, bytes(event.timeMicros()))
            .build());
  }

  @Override
  public CompletionStage<?> update(UUID userId, List<CellWrite> cells, long timeMicros) {
    BoundStatementBuilder builder =
        update.boundStatementBuilder().setBytesUnsafe(0, bytes(timeMicros));
    for (CellWrite cell : cells) {
      if (cell.timeMicros() == timeMicros) {
        int index = 1 + cell.field().ordinal();
        builder =
            cell.isTombstone()
                ? builder.setToNull(index)
                : builder.setBytesUnsafe(index, ByteBuffer.wrap(cell.value()));
      }
    }
    return session.executeAsync(builder.setBytesUnsafe(1 + CELLS, bytes(userId)).build());
  }

  @Override
  public CompletionStage<?> delete(UUID userId, long timeMicros) {
    return session.executeAsync(
        delete
            .boundStatementBuilder()
            .setBytesUnsafe(0, bytes(timeMicros))
            .setBytesUnsafe(1, bytes(userId))
            .build());
  }

  private static ByteBuffer bytes(long value) {
    return ByteBuffer.allocate(Long.BYTES).putLong(0, value);
  }

  private static ByteBuffer bytes(UUID id) {
    return ByteBuffer.allocate(2 * Long.BYTES)
        .putLong(0, id.getMostSignificantBits())
        .putLong(Long.BYTES, id.getLeastSignificantBits());
  }
}
