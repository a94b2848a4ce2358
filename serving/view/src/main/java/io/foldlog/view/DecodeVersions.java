package io.foldlog.view;

import com.datastax.oss.driver.api.core.CqlSession;
import io.foldlog.contract.PipelineException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The decode versions that have written to the view, in a table of the keyspace with a row for each
 * version. Every writer records its version before it writes. No row is ever deleted, so the
 * highest version never goes down.
 */
public final class DecodeVersions {

  /** How often a process that keeps writing calls {@link #admit}. */
  public static final Duration INTERVAL = Duration.ofSeconds(10);

  private static final String TABLE = "decode_versions";

  private final KeyspaceTable table;

  /** What a process does if a higher decode version than its own has written to the view. */
  public enum OlderVersion {
    /** It writes nothing to the view. */
    REFUSE,
    /** It writes, because the operator said so. */
    ACCEPT
  }

  /**
   * A version that has written to the view.
   *
   * @param lastWrite when a process of this version was last admitted, by Cassandra's clock
   */
  public record Written(int version, Instant lastWrite) {}

  /** The versions of the view in that keyspace. The caller closes the session. */
  public DecodeVersions(CqlSession session, String keyspace) {
    this.table = new KeyspaceTable(session, keyspace, TABLE);
  }

  /** Whether the session sees the table, which provisioning creates. */
  public static boolean isProvisioned(CqlSession session, String keyspace) {
    return KeyspaceTable.isProvisioned(session, keyspace, TABLE);
  }

  /**
   * The versions that have written, the highest first. Empty for a view that only releases without
   * this table have written to.
   *
   * @throws PipelineException usage error, when the table is not provisioned; unavailable, when
   *     Cassandra does not answer
   */
  public List<Written> written() {
    return table.withRetry(
        () ->
            table
                .execute(
                    "SELECT decode_version, last_write FROM %s WHERE table_name = ?"
                        .formatted(table.name()),
                    ViewTable.NAME)
                .map(row -> new Written(row.getInt(0), row.getInstant(1)))
                .all());
  }

  /** The highest version that has written. */
  public Optional<Integer> highest() {
    return written().stream().findFirst().map(Written::version);
  }

  /** The highest version that has written, if it is higher than that one. */
  public Optional<Integer> newerThan(int version) {
    return highest().filter(highest -> highest > version);
  }

  /**
   * Checks that a process of this version may write.
   *
   * @throws PipelineException usage error, when a higher version has written and the policy is to
   *     refuse; as {@link #written}
   */
  public void require(int version, OlderVersion policy) {
    if (policy == OlderVersion.ACCEPT) {
      return;
    }
    newerThan(version)
        .ifPresent(
            newer -> {
              throw ViewErrors.newerDecodeVersionHasWritten(table.keyspace(), newer, version);
            });
  }

  /**
   * Checks that a process of this version may write, and records the version. To be called before
   * the first write, and at least every {@link #INTERVAL} by a process that keeps writing.
   *
   * @throws PipelineException as {@link #require}
   */
  public void admit(int version, OlderVersion policy) {
    require(version, policy);
    table.withRetry(
        () ->
            table.execute(
                "INSERT INTO %s (table_name, decode_version, last_write) VALUES (?, ?, toTimestamp(now()))"
                    .formatted(table.name()),
                ViewTable.NAME,
                version));
  }
}
