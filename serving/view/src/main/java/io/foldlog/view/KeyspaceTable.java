package io.foldlog.view;

import com.datastax.oss.driver.api.core.CqlIdentifier;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DefaultConsistencyLevel;
import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.cql.ResultSet;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import com.datastax.oss.driver.api.core.servererrors.QueryValidationException;
import io.foldlog.contract.PipelineException;
import java.time.Duration;
import java.util.function.Supplier;

/** A small table in the view's keyspace through which the layers exchange information. */
final class KeyspaceTable {

  private final CqlSession session;
  private final String keyspace;
  private final String name;

  KeyspaceTable(CqlSession session, String keyspace, String table) {
    this.session = session;
    this.keyspace = ViewConnection.requireKeyspace(keyspace);
    this.name = keyspace + "." + table;
  }

  /** Whether the session sees the table, which provisioning creates. */
  static boolean isProvisioned(CqlSession session, String keyspace, String table) {
    return session
        .getMetadata()
        .getKeyspace(CqlIdentifier.fromCql(keyspace))
        .flatMap(found -> found.getTable(table))
        .isPresent();
  }

  String keyspace() {
    return keyspace;
  }

  /** The name with its keyspace. */
  String name() {
    return name;
  }

  /** Runs an idempotent statement at LOCAL_QUORUM. */
  ResultSet execute(String statement, Object... values) {
    return session.execute(statement(statement, values));
  }

  /** As {@link #execute}, with a timeout instead of that of the session. */
  ResultSet executeWithin(Duration timeout, String statement, Object... values) {
    return session.execute(statement(statement, values).setTimeout(timeout));
  }

  private static SimpleStatement statement(String statement, Object... values) {
    return SimpleStatement.builder(statement)
        .addPositionalValues(values)
        .setIdempotence(true)
        .setConsistencyLevel(DefaultConsistencyLevel.LOCAL_QUORUM)
        .build();
  }

  /**
   * Runs an idempotent request with retries.
   *
   * @throws PipelineException usage error, when the table or a right is missing; unavailable, when
   *     Cassandra does not answer
   */
  <T> T withRetry(Supplier<T> request) {
    try {
      return CqlRetry.get(request);
    } catch (QueryValidationException refusal) {
      throw ViewErrors.requestIsRefused(name, refusal);
    } catch (DriverException failure) {
      throw ViewErrors.requestIsNotAnswered(name, failure);
    }
  }
}
