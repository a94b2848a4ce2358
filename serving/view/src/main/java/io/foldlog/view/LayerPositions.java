package io.foldlog.view;

import com.datastax.oss.driver.api.core.CqlSession;
import io.foldlog.contract.PipelineException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * The positions of the layers in a table of the keyspace: up to which offset of the log the effects
 * of all records are in the view. For the status, the verifier and the API.
 */
public final class LayerPositions {

  private static final String TABLE = "layer_positions";

  /** Short, because the position is published again soon, and a stop must not wait for it. */
  private static final Duration PUBLISH_TIMEOUT = Duration.ofSeconds(5);

  private final KeyspaceTable table;

  /**
   * A published position of a layer.
   *
   * @param logId the topic id of Kafka, with {@code #n} appended after n replacements of the
   *     topic's content
   * @param partition of the log
   * @param nextOffset the offset after the last record whose effect is in the view
   * @param decodeVersion of the process that published the position
   * @param updated when the position was published, by Cassandra's clock
   */
  public record Published(
      String logId, int partition, long nextOffset, int decodeVersion, Instant updated) {

    public Published {
      Objects.requireNonNull(logId);
      Objects.requireNonNull(updated);
    }
  }

  /** The positions in that keyspace. The caller closes the session. */
  public LayerPositions(CqlSession session, String keyspace) {
    this.table = new KeyspaceTable(session, keyspace, TABLE);
  }

  /** Whether the session sees the table, which provisioning creates. */
  public static boolean isProvisioned(CqlSession session, String keyspace) {
    return KeyspaceTable.isProvisioned(session, keyspace, TABLE);
  }

  /**
   * The positions of the layer, also those of former logs.
   *
   * @throws PipelineException usage error, when the table is not provisioned; unavailable, when
   *     Cassandra does not answer
   */
  public List<Published> of(String layer) {
    return table.withRetry(
        () ->
            table
                .execute(
                    "SELECT log_id, partition, next_offset, decode_version, updated_at FROM %s WHERE layer = ?"
                        .formatted(table.name()),
                    layer)
                .map(
                    row ->
                        new Published(
                            row.getString(0),
                            row.getInt(1),
                            row.getLong(2),
                            row.getInt(3),
                            row.getInstant(4)))
                .all());
  }

  /**
   * Publishes a position with one attempt of a few seconds.
   *
   * @throws RuntimeException when Cassandra does not acknowledge it
   */
  public void publish(
      String layer, String logId, int partition, long nextOffset, int decodeVersion) {
    table.executeWithin(
        PUBLISH_TIMEOUT,
        "INSERT INTO %s (layer, log_id, partition, next_offset, decode_version, updated_at) VALUES (?, ?, ?, ?, ?, toTimestamp(now()))"
            .formatted(table.name()),
        layer,
        logId,
        partition,
        nextOffset,
        decodeVersion);
  }
}
