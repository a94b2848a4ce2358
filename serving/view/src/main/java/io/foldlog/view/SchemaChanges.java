package io.foldlog.view;

import com.datastax.oss.driver.api.core.CqlSession;
import dev.failsafe.Failsafe;
import dev.failsafe.RetryPolicy;
import io.foldlog.contract.PipelineException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Statements that change the schema. The driver waits a while until all nodes agree on the new
 * schema, and then goes on as if they did; this waits longer, and fails.
 *
 * @param session of a role that may change the schema
 */
record SchemaChanges(CqlSession session) {

  private static final Logger LOG = LoggerFactory.getLogger(SchemaChanges.class);
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final Duration PAUSE = Duration.ofMillis(500);

  /**
   * Runs the statement and returns when all nodes that are up have its effect.
   *
   * @throws PipelineException unavailable, when they do not agree in time
   */
  void execute(String statement) {
    session.execute(statement);
    // asked for, too, where IF NOT EXISTS changed nothing: an earlier attempt may have changed it
    if (session.checkSchemaAgreement()) {
      return;
    }
    LOG.info(
        "event=waiting_for_schema_agreement limit_s={} reason=\"nodes differ after: {}\"",
        LIMIT.toSeconds(),
        statement.lines().findFirst().orElse(""));
    RetryPolicy<Boolean> untilAgreed =
        RetryPolicy.<Boolean>builder()
            .handleIf((agreed, thrown) -> thrown == null && !agreed)
            .withDelay(PAUSE)
            .withMaxRetries(-1)
            .withMaxDuration(LIMIT)
            .build();
    if (!Failsafe.with(untilAgreed).get(session::checkSchemaAgreement)) {
      throw ViewErrors.schemaDiffersBetweenNodes(LIMIT);
    }
  }
}
