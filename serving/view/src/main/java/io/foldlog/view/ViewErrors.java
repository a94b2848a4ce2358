package io.foldlog.view;

import com.datastax.oss.driver.api.core.Version;
import com.datastax.oss.driver.api.core.metadata.EndPoint;
import io.foldlog.contract.PipelineException;
import io.foldlog.contract.UserEvent;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.UUID;

/**
 * The error messages of this module. A method returns the exception, and its caller throws it. A
 * rule completes the sentence "the setting is …; it …".
 */
final class ViewErrors {

  /** The rule for names of keyspaces and roles. */
  static final String NAME_RULE =
      "must be 1 to 48 lower case letters, digits and underscores, and start with a letter";

  static final String CONTACT_POINTS_RULE = "must name at least one host";
  static final String REPLICATION_ENTRY_RULE = "must list each data centre once, as datacenter1:3";
  static final String REPLICATION_RULE = "must list at least one data centre, as datacenter1:3";

  private ViewErrors() {}

  // Connection

  static PipelineException keyspaceIsReserved(String keyspace) {
    return PipelineException.usageError(
        "The keyspace %s is a reserved keyword of CQL. Set cassandra.keyspace to another name."
            .formatted(keyspace));
  }

  static PipelineException loginIsRefused(ViewConnection connection, Throwable cause) {
    return PipelineException.usageError(
        "Cassandra at %s refuses the login of %s: the password does not match, or the role does not exist. Run provision, which creates the role and sets its password."
            .formatted(connection.hosts(), connection.credentials().role()),
        cause);
  }

  static PipelineException tlsDiffers(ViewConnection connection, String reason, Throwable cause) {
    return PipelineException.usageError(
        "Cassandra at %s and this client do not agree on TLS (%s). Set cassandra.tls.trust-store to the certificates to trust, or leave it blank if the cluster uses plain text."
            .formatted(connection.hosts(), reason),
        cause);
  }

  static PipelineException clusterDoesNotAnswer(ViewConnection connection, Throwable cause) {
    return PipelineException.unavailable(
        "Cassandra does not answer at %s; start it, or correct cassandra.contact-points and cassandra.port."
            .formatted(connection.hosts()),
        cause);
  }

  static PipelineException datacenterIsMissing(
      ViewConnection connection, Collection<String> datacenters) {
    return PipelineException.usageError(
        "The setting cassandra.local-datacenter is %s, but the cluster at %s has %s."
            .formatted(connection.localDatacenter(), connection.hosts(), datacenters));
  }

  static PipelineException waitIsInterrupted(InterruptedException cause) {
    return PipelineException.unavailable("Interrupted while waiting for Cassandra", cause);
  }

  // Cluster and provisioning

  static PipelineException nodeIsTooOld(EndPoint node, Version version, Version oldest) {
    return PipelineException.usageError(
        "Cassandra at %s is %s, and the view needs %s or later (storage-attached indexes)."
            .formatted(node, version, oldest));
  }

  static PipelineException nodesAreMissing(String datacenter, int replicas, long nodes) {
    return PipelineException.usageError(
        "The setting cassandra.replication requires %d replicas in %s, which has %d nodes."
            .formatted(replicas, datacenter, nodes));
  }

  /**
   * A role lacks permissions. Found by preflight.
   *
   * @param grants the statements that grant the missing permissions
   */
  static PipelineException rightsAreMissing(ViewConnection admin, List<String> grants) {
    return PipelineException.usageError(
        "The role %s lacks rights in Cassandra at %s; a superuser grants them: %s."
            .formatted(admin.credentials().role(), admin.hosts(), String.join("; ", grants)));
  }

  /** A role lacks a permission. Found when a statement was refused. */
  static PipelineException rightIsMissing(ViewConnection admin, Throwable cause) {
    return PipelineException.usageError(
        "Cassandra at %s does not give the role %s a right that it needs: %s. A superuser grants it; preflight names the statements."
            .formatted(admin.hosts(), admin.credentials().role(), cause.getMessage()),
        cause);
  }

  static PipelineException provisioningTimedOut(
      ViewConnection admin, Duration limit, Throwable cause) {
    return PipelineException.unavailable(
        "Cassandra at %s did not apply the view's schema, roles and grants within %d s: %s. Start the nodes that are down, and provision again."
            .formatted(admin.hosts(), limit.toSeconds(), cause.getMessage()),
        cause);
  }

  static PipelineException tableIsNotVisible(ViewConnection admin, String table) {
    return PipelineException.unavailable(
        "Cassandra at %s does not show the table %s.%s yet; provision again."
            .formatted(admin.hosts(), admin.keyspace(), table),
        null);
  }

  static PipelineException schemaDiffersBetweenNodes(Duration limit) {
    return PipelineException.unavailable(
        "Cassandra's nodes do not agree on the schema within %d s. Run nodetool describecluster, start the node that differs, and provision again."
            .formatted(limit.toSeconds()),
        null);
  }

  static PipelineException migrationIsEdited(String file, String keyspace) {
    return PipelineException.usageError(
        "%s was applied to keyspace %s with different content. An applied migration must not be edited: put the change into a new file, or run the release that applied it."
            .formatted(file, keyspace));
  }

  // Schema of the table

  static PipelineException keyspaceIsMissing(String keyspace) {
    return PipelineException.usageError(
        "There is no keyspace %s in Cassandra: provision it, or correct cassandra.keyspace."
            .formatted(keyspace));
  }

  static PipelineException tableIsMissing(String table) {
    return PipelineException.usageError(
        "There is no table %s in Cassandra: provision it, or correct cassandra.keyspace."
            .formatted(table));
  }

  /**
   * The table has the name of the view but other columns.
   *
   * @param differences the differences to include in the message
   * @param more number of further differences
   */
  static PipelineException tableDiffers(String table, List<String> differences, int more) {
    return PipelineException.usageError(
        "The table %s is not the pipeline's: %s%s. Set cassandra.keyspace to a keyspace of its own, or drop the table (DROP TABLE %s) after saving what you need; the pipeline fills it again from the log."
            .formatted(
                table,
                String.join("; ", differences),
                more > 0 ? "; and %d more".formatted(more) : "",
                table));
  }

  static String columnIsMissing(String column, String type) {
    return "%s %s is missing".formatted(column, type);
  }

  static String columnTypeDiffers(String column, String found, String expected) {
    return "%s is %s, not %s".formatted(column, found, expected);
  }

  static String primaryKeyDiffers() {
    return "its primary key is not id";
  }

  static PipelineException tableOptionDiffers(
      String table, String option, Object found, int expected) {
    return PipelineException.usageError(
        "The table %s has %s = %s, so cells would expire or tombstones would be purged: run ALTER TABLE %s WITH %s = %d"
            .formatted(table, option, found, table, option, expected));
  }

  static PipelineException schemaIsNotReturned(Throwable cause) {
    return PipelineException.unavailable(
        "Cassandra does not return its schema: " + cause.getMessage(), cause);
  }

  // Reads and writes

  static PipelineException readIsRefused(String table, Throwable cause) {
    return PipelineException.usageError(
        "Cassandra refuses to read %s: %s".formatted(table, cause.getMessage()), cause);
  }

  static PipelineException readIsNotAnswered(String table, Throwable cause) {
    return PipelineException.unavailable(
        "Cassandra does not answer reads of %s: %s".formatted(table, cause.getMessage()), cause);
  }

  static PipelineException requestIsNotAnswered(String table, Throwable cause) {
    return PipelineException.unavailable(
        "Cassandra does not answer requests to table %s: %s".formatted(table, cause.getMessage()),
        cause);
  }

  static PipelineException prepareIsRefused(String table, Throwable cause) {
    return PipelineException.usageError(
        "Cassandra refuses to prepare writes to %s: %s".formatted(table, cause.getMessage()),
        cause);
  }

  static PipelineException prepareIsNotAnswered(String table, Throwable cause) {
    return PipelineException.unavailable(
        "Cassandra does not answer when writes to %s are prepared: %s"
            .formatted(table, cause.getMessage()),
        cause);
  }

  /**
   * A write was repeated until the maximum retry duration.
   *
   * @param write the description of the write
   */
  static PipelineException writeIsNotAcknowledged(
      String write, String table, long seconds, Throwable cause) {
    return PipelineException.unavailable(
        "Cassandra did not acknowledge %s in %s within %d s: %s. Start it or reduce its load, then run this again; what was not acknowledged is written again."
            .formatted(write, table, seconds, cause.getMessage()),
        cause);
  }

  /**
   * A write failed with an error that is not retryable.
   *
   * @param write the description of the write
   */
  static PipelineException writeIsRefused(String write, String table, Throwable cause) {
    return PipelineException.usageError(
        "Cassandra refuses to write %s to %s: %s".formatted(write, table, cause.getMessage()),
        cause);
  }

  static PipelineException repairIsRefused(RejectedRepair repair, String table) {
    return PipelineException.usageError(
        "Cassandra refuses to write %s to %s: %s"
            .formatted(repairWrite(repair.userId()), table, repair.reason()));
  }

  /** Describes the write of an event, without personal data. */
  static String eventWrite(String topic, int partition, long offset, UserEvent event) {
    return "the event at topic %s, partition %d, offset %d (%s)"
        .formatted(topic, partition, offset, event);
  }

  /** Describes the write of a repair, without personal data. */
  static String repairWrite(UUID userId) {
    return "the repair of user " + userId;
  }
}
