package io.foldlog.view;

import com.datastax.oss.driver.api.core.CqlSession;
import io.foldlog.contract.PipelineException;

/**
 * The view as a process writes it: its prepared statements and the bound of writes in flight,
 * shared by the writers of all its tasks. Create one for each session; safe for use by many
 * threads. The session stays the caller's to close.
 */
public final class UserView {

  private final ViewStatements statements;
  private final ViewTable table;
  private final WriteLimits limits;
  private final InFlightLimiter window;

  UserView(ViewStatements statements, ViewTable table, WriteLimits limits) {
    this.statements = statements;
    this.table = table;
    this.limits = limits;
    this.window = new InFlightLimiter(limits.maxInFlight());
  }

  /**
   * The view in a keyspace, over a session of the writer's role.
   *
   * @throws PipelineException usage error, when the table is missing or not the pipeline's;
   *     unavailable, when Cassandra does not answer
   */
  public static UserView over(CqlSession session, String keyspace, WriteLimits limits) {
    ViewTable table = ViewTable.in(keyspace);
    table.require(session);
    return new UserView(new PreparedViewStatements(session, table), table, limits);
  }

  /** A writer for one thread, with its own account of what is still to be acknowledged. */
  public UserViewWriter writer(WriteListener listener) {
    return new UserViewWriter(this, listener);
  }

  ViewStatements statements() {
    return statements;
  }

  ViewTable table() {
    return table;
  }

  WriteLimits limits() {
    return limits;
  }

  InFlightLimiter window() {
    return window;
  }

  /** How many unacknowledged writes the view accepts now. */
  public int boundInFlight() {
    return window.bound();
  }
}
