package io.foldlog.view;

import com.datastax.oss.driver.api.core.CqlSession;
import dev.failsafe.Failsafe;
import dev.failsafe.RetryPolicy;
import io.foldlog.contract.PipelineException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executes statements that change the schema. The driver waits for schema agreement for a limited
 * time and then continues without it. This class waits longer and fails without agreement.
 *
 * @param session a session of a role that may change the schema
 */
record SchemaChanges(CqlSession session) {

  private static final Logger LOG = LoggerFactory.getLogger(SchemaChanges.class);
  private static final Duration TIMEOUT = Duration.ofMinutes(1);
  private static final Duration PAUSE = Duration.ofMillis(500);

  /**
   * Executes the statement. Returns when all running nodes agree on the schema.
   *
   * @throws PipelineException unavailable, when they do not agree in time
   */
  void execute(String statement) {
    session.execute(statement);
    // also needed if IF NOT EXISTS changed nothing, because an earlier attempt may have changed it
    if (session.checkSchemaAgreement()) {
      return;
    }
    LOG.info(
        "event=waiting_for_schema_agreement limit_s={} reason=\"nodes differ after: {}\"",
        TIMEOUT.toSeconds(),
        statement.lines().findFirst().orElse(""));
    RetryPolicy<Boolean> untilAgreed =
        RetryPolicy.<Boolean>builder()
            .handleIf((agreed, thrown) -> thrown == null && !agreed)
            .withDelay(PAUSE)
            .withMaxRetries(-1)
            .withMaxDuration(TIMEOUT)
            .build();
    if (!Failsafe.with(untilAgreed).get(session::checkSchemaAgreement)) {
      throw ViewErrors.schemaDiffersBetweenNodes(TIMEOUT);
    }
  }
}
