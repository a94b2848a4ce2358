package io.foldlog.speed;

import com.datastax.oss.driver.api.core.CqlIdentifier;
import com.datastax.oss.driver.api.core.CqlSession;
import io.foldlog.contract.PipelineException;
import io.foldlog.log.EventTopic;
import io.foldlog.log.TopicMetadata;
import io.foldlog.runtime.StartupTimeout;
import io.foldlog.view.DecodeVersions;
import io.foldlog.view.DecodeVersions.OlderVersion;
import io.foldlog.view.LayerPositions;
import io.foldlog.view.LayerPositions.Published;
import io.foldlog.view.ViewConnection;
import io.foldlog.view.ViewSession;
import io.foldlog.view.ViewTable;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits for the servers, and for the tables and topics that provisioning may still create. */
final class ServerReadiness {

  private static final Logger LOG = LoggerFactory.getLogger(ServerReadiness.class);

  private final StartupTimeout timeout;

  ServerReadiness(StartupTimeout timeout) {
    this.timeout = timeout;
  }

  /**
   * Waits for Cassandra and the view's tables.
   *
   * @param layer whose positions are returned
   * @param decodeVersion of this run
   * @throws PipelineException unavailable, if Cassandra does not answer in time; usage error, at
   *     once for a wrong login, a table that is not the pipeline's, or a view to which a higher
   *     decode version has written, and after the timeout if a table is missing
   * @return the published positions of the layer
   */
  List<Published> awaitView(
      ViewConnection view, String layer, int decodeVersion, OlderVersion policy)
      throws InterruptedException {
    try (CqlSession session =
        timeout.waitFor(
            "Cassandra at " + view.hosts(), () -> Optional.of(ViewSession.open(view)))) {
      ViewTable table = ViewTable.in(view.keyspace());
      DecodeVersions versions = new DecodeVersions(session, view.keyspace());
      LayerPositions positions = new LayerPositions(session, view.keyspace());
      waitForProvisioned(
          "the table " + table.qualifiedName(),
          () -> {
            boolean exists =
                session
                    .refreshSchema()
                    .getKeyspace(CqlIdentifier.fromCql(view.keyspace()))
                    .flatMap(keyspace -> keyspace.getTable(ViewTable.NAME))
                    .isPresent();
            return exists
                    && DecodeVersions.isProvisioned(session, view.keyspace())
                    && LayerPositions.isProvisioned(session, view.keyspace())
                ? Optional.of(table)
                : Optional.empty();
          },
          () -> {
            table.require(session);
            versions.require(decodeVersion, policy);
            positions.of(layer);
          });
      table.require(session);
      versions.require(decodeVersion, policy);
      versions
          .newerThan(decodeVersion)
          .ifPresent(
              newer ->
                  LOG.warn(
                      "event=older_version_accepted decode_version={} written={} action=\"the next reconcile of the newer release repairs what this one writes\"",
                      decodeVersion,
                      newer));
      return positions.of(layer);
    }
  }

  /**
   * Waits for Kafka and a topic.
   *
   * @param bootstrapServers for messages
   * @throws PipelineException unavailable, if Kafka does not answer in time; usage error, after the
   *     timeout, if the topic is missing
   */
  TopicMetadata awaitTopic(EventTopic log, String bootstrapServers) throws InterruptedException {
    return waitForProvisioned(
        "Kafka at %s and its topic %s".formatted(bootstrapServers, log.topic()),
        () -> {
          try {
            return Optional.of(log.metadata());
          } catch (PipelineException missing) {
            if (missing.kind() == PipelineException.Kind.USAGE_ERROR
                && missing.getCause() instanceof UnknownTopicOrPartitionException) {
              return Optional.empty();
            }
            throw missing;
          }
        },
        log::metadata);
  }

  /**
   * Waits as {@link StartupTimeout} does. If the server answers and the probed resource is still
   * missing after the timeout, the failure is a usage error instead of unavailable.
   *
   * @param check throws the usage error, which names the missing resource
   */
  private <T> T waitForProvisioned(String what, StartupTimeout.Probe<T> probe, Runnable check)
      throws InterruptedException {
    try {
      return timeout.waitFor(what, probe);
    } catch (PipelineException failure) {
      if (failure.kind() == PipelineException.Kind.UNAVAILABLE && failure.getCause() == null) {
        check.run();
      }
      throw failure;
    }
  }
}
