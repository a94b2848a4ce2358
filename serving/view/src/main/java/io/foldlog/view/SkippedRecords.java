package io.foldlog.view;

import com.datastax.oss.driver.api.core.CqlSession;
import io.foldlog.contract.PipelineException;
import io.foldlog.contract.SkippedRecord;
import java.util.List;
import java.util.OptionalInt;

/**
 * The records that an operator has skipped, in a table of the keyspace. Every reader of the log
 * passes over them. No row is ever deleted.
 */
public final class SkippedRecords {

  private static final String TABLE = "skipped_records";

  /** What {@code foldlog dead-letters skip} recorded in place of a record. */
  public enum Outcome {
    /** An equal event at the end of the log. */
    PUBLISHED_AGAIN,
    /** A dead letter. */
    DEAD_LETTER
  }

  private final CqlSession session;
  private final String keyspace;
  private final KeyspaceTable table;

  /** The skipped records of the keyspace. The caller closes the session. */
  public SkippedRecords(CqlSession session, String keyspace) {
    this.session = session;
    this.keyspace = keyspace;
    this.table = new KeyspaceTable(session, keyspace, TABLE);
  }

  /** Whether the session sees the table. A keyspace of an earlier release does not have it. */
  private boolean isProvisioned() {
    return KeyspaceTable.isProvisioned(session, keyspace, TABLE);
  }

  /**
   * Records that a record is skipped. Idempotent. To be called when the event or the dead letter
   * that stands for it is durable.
   *
   * @param topicId Kafka's id of the topic
   * @param reason the operator's reason
   * @throws PipelineException usage error, when the table is not provisioned; unavailable, when
   *     Cassandra does not acknowledge it
   */
  public void record(String topicId, SkippedRecord skipped, Outcome outcome, String reason) {
    Integer leaderEpoch =
        skipped.leaderEpoch().isPresent() ? skipped.leaderEpoch().getAsInt() : null;
    table.withRetry(
        () ->
            table.execute(
                "INSERT INTO %s (topic_id, partition, record_offset, leader_epoch, outcome, reason, skipped_at) VALUES (?, ?, ?, ?, ?, ?, toTimestamp(now()))"
                    .formatted(table.name()),
                topicId,
                skipped.partition(),
                skipped.offset(),
                leaderEpoch,
                outcome.name(),
                reason));
  }

  /**
   * The skipped records of a topic; none in a keyspace of an earlier release.
   *
   * @throws PipelineException as {@link #record}
   */
  public List<SkippedRecord> of(String topicId) {
    if (!isProvisioned()) {
      return List.of();
    }
    return table.withRetry(
        () ->
            table
                .execute(
                    "SELECT partition, record_offset, leader_epoch FROM %s WHERE topic_id = ?"
                        .formatted(table.name()),
                    topicId)
                .map(
                    row ->
                        new SkippedRecord(
                            row.getInt(0),
                            row.getLong(1),
                            row.isNull(2) ? OptionalInt.empty() : OptionalInt.of(row.getInt(2))))
                .all());
  }
}
