package io.foldlog.view;

import com.datastax.oss.driver.api.core.CqlSession;
import io.foldlog.contract.PipelineException;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;

/**
 * The users of whom a cell may stand at a higher time than its event's, because somebody else wrote
 * to them: the plain part of the lake's table {@code repairs}, kept beside the view for those who
 * judge it.
 */
public final class RepairedUsers {

  private final KeyspaceTable table;

  /** Those of the view in that keyspace; the session stays the caller's to close. */
  public RepairedUsers(CqlSession session, String keyspace) {
    this.table = new KeyspaceTable(session, keyspace, "repaired_users");
  }

  /**
   * Records a user, to be done before its repair is written.
   *
   * @param run that repairs it
   * @throws PipelineException unavailable, when Cassandra does not take it
   */
  public void record(UUID userId, String run) {
    table.answered(
        () ->
            table.execute(
                "INSERT INTO %s (id, run, repaired_at) VALUES (?, ?, toTimestamp(now()))"
                    .formatted(table.name()),
                userId,
                run));
  }

  /**
   * All of them.
   *
   * @throws PipelineException unavailable, when Cassandra does not answer
   */
  public Set<UUID> all() {
    return table.answered(
        () -> {
          Set<UUID> users = new HashSet<>();
          table.execute("SELECT id FROM " + table.name()).forEach(row -> users.add(row.getUuid(0)));
          return users;
        });
  }
}
