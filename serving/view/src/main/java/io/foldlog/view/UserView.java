package io.foldlog.view;

import com.datastax.oss.driver.api.core.CqlSession;
import io.foldlog.contract.PipelineException;

/**
 * The view for the writers of a process: the prepared statements and the bound on writes in flight,
 * which all writers share. Create one per session. Safe for use by many threads. The caller closes
 * the session.
 */
public final class UserView {

  private final ViewStatements statements;
  private final ViewTable table;
  private final WriteLimits limits;
  private final InFlightLimiter limiter;

  UserView(ViewStatements statements, ViewTable table, WriteLimits limits) {
    this.statements = statements;
    this.table = table;
    this.limits = limits;
    this.limiter = new InFlightLimiter(limits.maxInFlight());
  }

  /**
   * Creates the view in a keyspace with a session of the writer role.
   *
   * @throws PipelineException usage error, when the table is missing or does not belong to the
   *     pipeline; unavailable, when Cassandra does not answer
   */
  public static UserView over(CqlSession session, String keyspace, WriteLimits limits) {
    ViewTable table = ViewTable.in(keyspace);
    table.require(session);
    return new UserView(new PreparedViewStatements(session, table), table, limits);
  }

  /** Creates a writer for one thread. It tracks its own unacknowledged writes. */
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

  InFlightLimiter limiter() {
    return limiter;
  }

  /** The current bound on unacknowledged writes. */
  public int boundInFlight() {
    return limiter.bound();
  }
}
