package io.foldlog.view;

import com.datastax.oss.driver.api.core.CqlSession;
import io.foldlog.contract.PipelineException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which layers run, and with which version of the contract; kept in the keyspace. A layer that does
 * not say so for {@link #FORGOTTEN_AFTER} is forgotten.
 */
public final class LayerRegistry {

  /** How long a heartbeat counts. */
  public static final Duration FORGOTTEN_AFTER = Duration.ofSeconds(90);

  private static final Logger LOG = LoggerFactory.getLogger(LayerRegistry.class);
  private static final Duration INTERVAL = Duration.ofSeconds(20);

  private final KeyspaceTable table;

  /** The registry in that keyspace; the session stays the caller's to close. */
  public LayerRegistry(CqlSession session, String keyspace) {
    this.table = new KeyspaceTable(session, keyspace, "running_layers");
  }

  /**
   * Registers a running layer and keeps its heartbeat, in a thread of its own, until the
   * registration is closed. To be closed before the session.
   *
   * @param decodeVersion of the rules by which the layer reads records
   * @throws PipelineException unavailable, when Cassandra does not take the first heartbeat
   */
  public Registration register(String layer, String instance, int decodeVersion) {
    return new Registration(layer, instance, decodeVersion);
  }

  /** The layers that run. */
  public List<RunningLayer> running() {
    return table.answered(
        () ->
            table
                .execute("SELECT layer, instance, decode_version, heartbeat FROM " + table.name())
                .map(
                    row ->
                        new RunningLayer(
                            row.getString(0), row.getString(1), row.getInt(2), row.getInstant(3)))
                .all());
  }

  /** A layer's place in the registry while it runs. */
  public final class Registration implements AutoCloseable {

    private final String layer;
    private final String instance;
    private final int decodeVersion;
    private final ScheduledExecutorService heart;

    private Registration(String layer, String instance, int decodeVersion) {
      this.layer = layer;
      this.instance = instance;
      this.decodeVersion = decodeVersion;
      beat();
      heart =
          Executors.newSingleThreadScheduledExecutor(
              task -> {
                Thread thread = new Thread(task, "heartbeat of " + layer);
                thread.setDaemon(true);
                return thread;
              });
      heart.scheduleAtFixedRate(
          this::beatOrWarn, INTERVAL.toSeconds(), INTERVAL.toSeconds(), TimeUnit.SECONDS);
    }

    private void beat() {
      table.answered(
          () ->
              table.execute(
                  "INSERT INTO %s (layer, instance, decode_version, heartbeat) VALUES (?, ?, ?, ?) USING TTL %d"
                      .formatted(table.name(), FORGOTTEN_AFTER.toSeconds()),
                  layer,
                  instance,
                  decodeVersion,
                  Instant.now()));
    }

    private void beatOrWarn() {
      try {
        beat();
      } catch (RuntimeException failure) {
        LOG.warn(
            "event=heartbeat_failed layer={} instance={} reason={}",
            layer,
            instance,
            failure.getMessage());
      }
    }

    /** Takes the layer out of the registry at once, if Cassandra answers. */
    @Override
    public void close() {
      heart.shutdownNow();
      try {
        heart.awaitTermination(INTERVAL.toSeconds(), TimeUnit.SECONDS);
        table.execute(
            "DELETE FROM %s WHERE layer = ? AND instance = ?".formatted(table.name()),
            layer,
            instance);
      } catch (InterruptedException interruption) {
        Thread.currentThread().interrupt();
      } catch (RuntimeException failure) {
        LOG.warn(
            "event=registration_not_ended layer={} instance={} after_s={} reason={}",
            layer,
            instance,
            FORGOTTEN_AFTER.toSeconds(),
            failure.getMessage());
      }
    }
  }
}
