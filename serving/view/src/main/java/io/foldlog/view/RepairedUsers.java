package io.foldlog.view;

import com.datastax.oss.driver.api.core.CqlSession;
import io.foldlog.contract.PipelineException;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;

/**
 * The users with a cell that may have a higher writetime than its event, because reconcile repaired
 * a write of another client. Extracted from the lake table {@code repairs}, and kept in the view's
 * keyspace for the verifier.
 */
public final class RepairedUsers {

  private final KeyspaceTable table;

  /** The repaired users of the view in that keyspace. The caller closes the session. */
  public RepairedUsers(CqlSession session, String keyspace) {
    this.table = new KeyspaceTable(session, keyspace, "repaired_users");
  }

  /**
   * Records a user. To be called before the repair is written.
   *
   * @param run the run that repairs the user
   * @throws PipelineException unavailable, when Cassandra does not acknowledge it
   */
  public void record(UUID userId, String run) {
    table.withRetry(
        () ->
            table.execute(
                "INSERT INTO %s (id, run, repaired_at) VALUES (?, ?, toTimestamp(now()))"
                    .formatted(table.name()),
                userId,
                run));
  }

  /**
   * All repaired users.
   *
   * @throws PipelineException unavailable, when Cassandra does not answer
   */
  public Set<UUID> all() {
    return table.withRetry(
        () -> {
          Set<UUID> users = new HashSet<>();
          table.execute("SELECT id FROM " + table.name()).forEach(row -> users.add(row.getUuid(0)));
          return users;
        });
  }
}
