package io.foldlog.speed;

import com.datastax.oss.driver.api.core.CqlIdentifier;
import com.datastax.oss.driver.api.core.CqlSession;
import io.foldlog.contract.PipelineException;
import io.foldlog.log.EventTopic;
import io.foldlog.log.TopicMetadata;
import io.foldlog.runtime.StartupTimeout;
import io.foldlog.view.ViewConnection;
import io.foldlog.view.ViewSession;
import io.foldlog.view.ViewTable;
import java.util.Optional;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Waits for the servers, and for what provisioning may be about to make on them. */
final class ServerReadiness {

  private final StartupTimeout waiting;

  ServerReadiness(StartupTimeout waiting) {
    this.waiting = waiting;
  }

  /**
   * Waits for Cassandra and the view's table.
   *
   * @throws PipelineException unavailable, when Cassandra does not answer in time; usage error, at
   *     once on a wrong login or a table that is not the pipeline's, and after the limit when the
   *     table is missing
   */
  void awaitView(ViewConnection view) throws InterruptedException {
    try (CqlSession session =
        waiting.waitFor(
            "Cassandra at " + view.hosts(), () -> Optional.of(ViewSession.open(view)))) {
      ViewTable table = ViewTable.in(view.keyspace());
      Patience.waitFor(
          waiting,
          "the table " + table.qualifiedName(),
          () -> {
            boolean there =
                session
                    .refreshSchema()
                    .getKeyspace(CqlIdentifier.fromCql(view.keyspace()))
                    .flatMap(keyspace -> keyspace.getTable(ViewTable.NAME))
                    .isPresent();
            return there ? Optional.of(table) : Optional.empty();
          },
          () -> table.require(session));
      table.require(session);
    }
  }

  /**
   * Waits for Kafka and a topic.
   *
   * @param bootstrapServers named in messages
   * @throws PipelineException unavailable, when Kafka does not answer in time; usage error, after
   *     the limit, when the topic is missing
   */
  TopicMetadata awaitTopic(EventTopic log, String bootstrapServers) throws InterruptedException {
    return Patience.waitFor(
        waiting,
        "Kafka at %s and its topic %s".formatted(bootstrapServers, log.topic()),
        () -> {
          try {
            return Optional.of(log.identity());
          } catch (PipelineException missing) {
            if (missing.kind() == PipelineException.Kind.USAGE_ERROR
                && missing.getCause() instanceof UnknownTopicOrPartitionException) {
              return Optional.empty();
            }
            throw missing;
          }
        },
        log::identity);
  }
}
