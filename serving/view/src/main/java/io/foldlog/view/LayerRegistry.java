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
 * The running layers and their decode versions, in a table of the keyspace. A layer without a
 * heartbeat for {@link #HEARTBEAT_TIMEOUT} is removed.
 */
public final class LayerRegistry {

  /** How long a heartbeat is valid. */
  public static final Duration HEARTBEAT_TIMEOUT = Duration.ofSeconds(90);

  private static final Logger LOG = LoggerFactory.getLogger(LayerRegistry.class);
  private static final Duration INTERVAL = Duration.ofSeconds(20);

  private final KeyspaceTable table;

  /** The registry in that keyspace. The caller closes the session. */
  public LayerRegistry(CqlSession session, String keyspace) {
    this.table = new KeyspaceTable(session, keyspace, "running_layers");
  }

  /**
   * Registers a running layer. A separate thread sends heartbeats until the registration is closed.
   * Close the registration before the session.
   *
   * @param decodeVersion the decode version of the layer
   * @throws PipelineException unavailable, when Cassandra does not accept the first heartbeat
   */
  public Registration register(String layer, String instance, int decodeVersion) {
    return new Registration(layer, instance, decodeVersion);
  }

  /** The running layers. */
  public List<RunningLayer> running() {
    return table.withRetry(
        () ->
            table
                .execute("SELECT layer, instance, decode_version, heartbeat FROM " + table.name())
                .map(
                    row ->
                        new RunningLayer(
                            row.getString(0), row.getString(1), row.getInt(2), row.getInstant(3)))
                .all());
  }

  /** The registration of a running layer. */
  public final class Registration implements AutoCloseable {

    private final String layer;
    private final String instance;
    private final int decodeVersion;
    private final ScheduledExecutorService executor;

    private Registration(String layer, String instance, int decodeVersion) {
      this.layer = layer;
      this.instance = instance;
      this.decodeVersion = decodeVersion;
      sendHeartbeat();
      executor =
          Executors.newSingleThreadScheduledExecutor(
              task -> {
                Thread thread = new Thread(task, "heartbeat of " + layer);
                thread.setDaemon(true);
                return thread;
              });
      executor.scheduleAtFixedRate(
          this::sendHeartbeatOrWarn, INTERVAL.toSeconds(), INTERVAL.toSeconds(), TimeUnit.SECONDS);
    }

    private void sendHeartbeat() {
      table.withRetry(
          () ->
              table.execute(
                  "INSERT INTO %s (layer, instance, decode_version, heartbeat) VALUES (?, ?, ?, ?) USING TTL %d"
                      .formatted(table.name(), HEARTBEAT_TIMEOUT.toSeconds()),
                  layer,
                  instance,
                  decodeVersion,
                  Instant.now()));
    }

    private void sendHeartbeatOrWarn() {
      try {
        sendHeartbeat();
      } catch (RuntimeException failure) {
        LOG.warn(
            "event=heartbeat_failed layer={} instance={} reason={}",
            layer,
            instance,
            failure.getMessage());
      }
    }

    /** Removes the layer from the registry immediately, if Cassandra answers. */
    @Override
    public void close() {
      executor.shutdownNow();
      try {
        executor.awaitTermination(INTERVAL.toSeconds(), TimeUnit.SECONDS);
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
            HEARTBEAT_TIMEOUT.toSeconds(),
            failure.getMessage());
      }
    }
  }
}
