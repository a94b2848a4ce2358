package io.foldlog.view;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DefaultConsistencyLevel;
import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import io.foldlog.contract.PipelineException;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * The users of whom a cell may stand at a higher time than its event's, because somebody else wrote
 * to them: the plain part of the lake's table {@code repairs}, kept beside the view for those who
 * judge it.
 */
public final class RepairedUsers {

  private final CqlSession session;
  private final String table;

  /** Those of the view in that keyspace; the session stays the caller's to close. */
  public RepairedUsers(CqlSession session, String keyspace) {
    this.session = session;
    this.table = ViewConnection.requireKeyspace(keyspace) + ".repaired_users";
  }

  /**
   * Records a user, to be done before its repair is written.
   *
   * @param run that repairs it
   * @throws PipelineException unavailable, when Cassandra does not take it
   */
  public void record(UUID userId, String run) {
    answered(
        () ->
            session.execute(
                statement(
                    "INSERT INTO %s (id, run, repaired_at) VALUES (?, ?, toTimestamp(now()))"
                        .formatted(table),
                    userId,
                    run)));
  }

  /**
   * All of them.
   *
   * @throws PipelineException unavailable, when Cassandra does not answer
   */
  public Set<UUID> all() {
    return answered(
        () -> {
          Set<UUID> users = new HashSet<>();
          session
              .execute(statement("SELECT id FROM " + table))
              .forEach(row -> users.add(row.getUuid(0)));
          return users;
        });
  }

  private <T> T answered(Supplier<T> question) {
    try {
      return question.get();
    } catch (DriverException failure) {
      throw PipelineException.unavailable(
          "Cassandra does not answer about %s: %s".formatted(table, failure.getMessage()), failure);
    }
  }

  private static SimpleStatement statement(String text, Object... values) {
    return SimpleStatement.builder(text)
        .addPositionalValues(values)
        .setIdempotence(true)
        .setConsistencyLevel(DefaultConsistencyLevel.LOCAL_QUORUM)
        .build();
  }
}
