package io.foldlog.view;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DefaultConsistencyLevel;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import com.datastax.oss.driver.api.core.servererrors.InvalidQueryException;
import com.datastax.oss.driver.api.core.servererrors.UnauthorizedException;
import io.foldlog.contract.PipelineException;
import java.time.Duration;

/**
 * The view as a process writes it: its prepared statements and the bound of writes in flight,
 * shared by the writers of all its tasks. Create one for each session; safe for use by many
 * threads. The session stays the caller's to close.
 */
public final class UserView {

  /** Longer than the database's own limit, so that its answer is heard. */
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(12);

  private final CqlSession session;
  private final ViewTable table;
  private final WriteLimits limits;
  private final WriteWindow window;
  private final PreparedStatement insert;
  private final PreparedStatement update;
  private final PreparedStatement delete;

  private UserView(CqlSession session, ViewTable table, WriteLimits limits) {
    this.session = session;
    this.table = table;
    this.limits = limits;
    this.window = new WriteWindow(limits.mostInFlight());
    this.insert = prepare(table.insert());
    this.update = prepare(table.update());
    this.delete = prepare(table.delete());
  }

  /**
   * The view in a keyspace, over a session of the writer's role.
   *
   * @throws PipelineException refused, when the table is missing or not the pipeline's
   */
  public static UserView over(CqlSession session, String keyspace, WriteLimits limits) {
    ViewTable table = ViewTable.in(keyspace);
    table.require(session);
    return new UserView(session, table, limits);
  }

  /** A writer for one thread, with its own account of what is still to be acknowledged. */
  public UserViewWriter writer(WriteListener listener) {
    return new UserViewWriter(this, listener);
  }

  private PreparedStatement prepare(String statement) {
    try {
      SimpleStatement asked =
          SimpleStatement.builder(statement)
              .setIdempotence(true)
              .setConsistencyLevel(DefaultConsistencyLevel.LOCAL_QUORUM)
              .setTimeout(ANSWER_LIMIT)
              .build();
      return Answer.to(() -> session.prepare(asked));
    } catch (InvalidQueryException | UnauthorizedException refusal) {
      throw PipelineException.refused(
          "Cassandra refuses to prepare writes to %s: %s"
              .formatted(table.qualifiedName(), refusal.getMessage()),
          refusal);
    }
  }

  CqlSession session() {
    return session;
  }

  ViewTable table() {
    return table;
  }

  WriteLimits limits() {
    return limits;
  }

  WriteWindow window() {
    return window;
  }

  PreparedStatement insert() {
    return insert;
  }

  PreparedStatement update() {
    return update;
  }

  PreparedStatement delete() {
    return delete;
  }

  /** How many unacknowledged writes the view accepts now. */
  public int boundInFlight() {
    return window.bound();
  }
}
