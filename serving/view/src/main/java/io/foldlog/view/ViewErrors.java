package io.foldlog.view;

import com.datastax.oss.driver.api.core.Version;
import com.datastax.oss.driver.api.core.metadata.EndPoint;
import io.foldlog.contract.PipelineException;
import io.foldlog.contract.UserEvent;
import java.time.Duration;
import java.time.Instant;
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

  /** What a default TTL does. */
  static final String CELLS_EXPIRE = "lets cells expire";

  /** What a shorter gc_grace_seconds does. */
  static final String TOMBSTONES_ARE_PURGED = "forgets deletions";

  private static final String READ_LOG_AGAIN =
      "Then start the speed layer without its checkpoint, so that it reads the log from the beginning: rm -rf the folder of the setting speed-layer.checkpoint. To keep the table instead, set cassandra.keyspace to another keyspace.";

  /**
   * cqlsh doubles each backslash, and writes control characters and U+00A0 as \x and two digits.
   */
  private static final String JSON_LINES_OF_CQLSH =
      "sed -n '/^ *{/{s/\\\\\\\\/\\\\-/g;s/\\\\x/\\\\u00/g;s/\\\\-/\\\\/g;p;}' created_users.txt > created_users.jsonl";

  /** The earliest time of an event, so that these registrations replace no event of the log. */
  private static final String RECORD_BEFORE_ALL_OTHERS =
      "foldlog produce --source file --file \"$PWD/created_users.jsonl\" --as-of 2000-01-01T00:00:00Z";

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

  static PipelineException tableIsMaterializedView(String table) {
    return PipelineException.usageError(
        "%s is a materialized view and not a table. Set cassandra.keyspace to another keyspace, or run DROP MATERIALIZED VIEW %s and provision."
            .formatted(table, table));
  }

  /**
   * The table has the name of the view, but it cannot represent the fold of the log.
   *
   * @param differences the differences to include in the message
   * @param more number of further differences
   * @param drop the statements that drop the table
   */
  static PipelineException tableDiffers(
      String table, List<String> differences, int more, String drop) {
    return PipelineException.usageError(
        "The table %s cannot hold the fold of the log: %s%s. Save what only this table holds, stop the speed layer, and write the table again from the log: %s. %s"
            .formatted(
                table,
                String.join("; ", differences),
                more > 0 ? "; and %d more".formatted(more) : "",
                dropAndProvision(drop),
                READ_LOG_AGAIN));
  }

  /**
   * All columns are text: the table of a pipeline that this one replaces.
   *
   * @param drop the statements that drop the table
   */
  static PipelineException tableHasOnlyText(String table, String drop) {
    return PipelineException.usageError(
        "The table %s has only text columns, so another program created it. Stop that program, and move its users into the log: %s && %s && %s && %s. %s"
            .formatted(
                table,
                "foldlog cqlsh --role admin -e 'CONSISTENCY ALL; SELECT JSON * FROM %s' > created_users.txt"
                    .formatted(table),
                JSON_LINES_OF_CQLSH,
                RECORD_BEFORE_ALL_OTHERS,
                dropAndProvision(drop),
                READ_LOG_AGAIN));
  }

  private static String dropAndProvision(String drop) {
    return "foldlog cqlsh --role admin -e '%s' && foldlog provision".formatted(drop);
  }

  static String columnIsMissing(String column, String type) {
    return "%s %s is missing".formatted(column, type);
  }

  static String columnTypeDiffers(String column, String found, String expected) {
    return "%s is %s, not %s".formatted(column, found, expected);
  }

  static String columnWasDropped(String column, Instant time) {
    return "%s was dropped at %s, and Cassandra hides what is written to it at or before that time, even after it is added again"
        .formatted(column, time);
  }

  static String primaryKeyDiffers() {
    return "its primary key is not id";
  }

  static String optionDiffers(String option, Object found, int expected, String effect) {
    return "%s is %s, not %d, so Cassandra %s".formatted(option, found, expected, effect);
  }

  static PipelineException schemaIsNotReturned(Throwable cause) {
    return PipelineException.unavailable(
        "Cassandra does not return its schema: " + cause.getMessage(), cause);
  }

  // Decode versions

  /**
   * @param written the highest decode version that has written to the view
   * @param own the decode version of this process
   */
  static PipelineException newerDecodeVersionHasWritten(String keyspace, int written, int own) {
    return PipelineException.usageError(
        "Decode version %d has written to the view in keyspace %s, and this release decodes with version %d: it would replace newer readings of the same records. Run the release with decode version %d. To write with this release all the same, which makes the next reconcile of the newer release a full one: set speed-layer.accept-older-version for the speed layer, or run reconcile --accept-older-version"
            .formatted(written, keyspace, own, written));
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

  static PipelineException requestIsRefused(String table, Throwable cause) {
    return PipelineException.usageError(
        "Cassandra refuses requests to table %s: %s. Run provision, which creates the tables of this release and grants the rights to them."
            .formatted(table, cause.getMessage()),
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
        "Cassandra refuses to write %s to %s: %s. Correct the table or Cassandra's settings, and start again. If nothing helps, take the record out of the way: foldlog dead-letters skip PARTITION:OFFSET --as-dead-letter --reason TEXT"
            .formatted(write, table, cause.getMessage()),
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
