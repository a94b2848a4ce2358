package io.foldlog.view;

import static java.util.Objects.requireNonNull;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import com.datastax.oss.driver.api.core.metadata.Node;
import com.datastax.oss.driver.api.core.servererrors.UnauthorizedException;
import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import io.foldlog.contract.PipelineException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Provisions the view: the admin role in place of Cassandra's default superuser, the keyspace, the
 * migrations, and the writer and reader roles with their grants and passwords. A second run changes
 * nothing.
 *
 * @param admin the connection of the role that owns the view
 * @param replication replicas by data centre of a new keyspace
 * @param writer the role of both layers
 * @param reader the role of users and the verifier
 * @param cluster whether the cluster is external
 */
public record ViewProvisioning(
    ViewConnection admin,
    Map<String, Integer> replication,
    ViewCredentials writer,
    ViewCredentials reader,
    Cluster cluster) {

  /** Who administers the cluster. */
  public enum Cluster {
    /** The pipeline. Its admin role replaces Cassandra's default superuser. */
    OWN,
    /** Another administrator, who has created the admin role. */
    EXTERNAL
  }

  private static final Logger LOG = LoggerFactory.getLogger(ViewProvisioning.class);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Pattern READ_GRANT =
      Pattern.compile("GRANT SELECT ON TABLE \\S+\\.(?<table>\\S+) TO (?<role>\\S+)");
  private static final ViewCredentials DEFAULT_SUPERUSER =
      new ViewCredentials("cassandra", "cassandra");

  public ViewProvisioning {
    requireNonNull(admin);
    replication = Map.copyOf(replication);
    requireNonNull(writer);
    requireNonNull(reader);
    requireNonNull(cluster);
  }

  /** Provisioning of a cluster that the pipeline administers. */
  public ViewProvisioning(
      ViewConnection admin,
      Map<String, Integer> replication,
      ViewCredentials writer,
      ViewCredentials reader) {
    this(admin, replication, writer, reader, Cluster.OWN);
  }

  /**
   * Provisions as soon as Cassandra answers. Starts again when a node becomes unavailable or
   * overloaded, because all statements are idempotent. When it returns, the writer and the reader
   * can log in and have their permissions on every node.
   *
   * @param limit maximum duration of all attempts together
   * @throws PipelineException usage error, when neither the admin nor the default superuser may log
   *     in, a permission is missing, or an existing table does not belong to the pipeline. The
   *     first two are reported only after the auth caches of all nodes have expired. Unavailable,
   *     when too few nodes answer in time
   * @throws InterruptedException when interrupted while waiting
   */
  public void provision(Duration limit) throws InterruptedException {
    RetryPolicy<Void> policy =
        RetryPolicy.<Void>builder()
            .handleIf(ViewProvisioning::isRetryable)
            .withDelay(PAUSE)
            .withMaxRetries(-1)
            .withMaxDuration(limit.plusSeconds(1)) // longer than a pause for any limit
            .onRetry(
                event ->
                    LOG.warn(
                        "event=view_provisioning_repeated attempt={} elapsed_ms={} reason=\"{}\"",
                        event.getAttemptCount() + 1,
                        event.getElapsedTime().toMillis(),
                        event.getLastException().getMessage()))
            .build();
    try {
      Failsafe.with(policy).run(attempt -> provisionOnce(limit.minus(attempt.getElapsedTime())));
    } catch (FailsafeException failure) {
      if (failure.getCause() instanceof InterruptedException interruption) {
        Thread.interrupted(); // the exception replaces the flag
        throw interruption;
      }
      throw failure;
    } catch (DriverException failure) {
      if (!isRetryable(failure)) {
        throw failure;
      }
      throw ViewErrors.provisioningTimedOut(admin, limit, failure);
    }
  }

  /** Whether a node is unavailable or overloaded. */
  private static boolean isRetryable(Throwable thrown) {
    if (thrown instanceof PipelineException known) {
      return known.kind() == PipelineException.Kind.UNAVAILABLE;
    }
    if (!(thrown instanceof DriverException)) {
      return false;
    }
    return switch (WriteFailure.of(thrown)) {
      case OVERLOAD, TRANSIENT -> true;
      case REJECTED, UNEXPECTED -> false;
    };
  }

  private void provisionOnce(Duration limit) throws InterruptedException {
    try (CqlSession session = AuthCaches.await(() -> adminSession(limit))) {
      Set<String> created = AuthCaches.await(() -> provision(session));
      for (ViewCredentials role : List.of(writer, reader)) {
        awaitUsable(session, role, created.contains(role.role()));
      }
      if (cluster == Cluster.OWN) {
        disableDefaultSuperuser(session);
      }
    } catch (UnauthorizedException missing) {
      throw ViewErrors.rightIsMissing(admin, missing);
    }
  }

  /** Provisions keyspace, migrations, roles and grants. Returns the created roles. */
  private Set<String> provision(CqlSession session) {
    new SchemaChanges(session).execute(createKeyspace());
    new ViewMigrations(session, admin.keyspace()).apply();
    Set<String> created = new HashSet<>();
    for (ViewCredentials role : List.of(writer, reader)) {
      if (!roleExists(session, role.role())) {
        session.execute(createRole(role, false));
        created.add(role.role());
        LOG.info("event=role_created role={}", role.role());
      }
    }
    grants().forEach(session::execute);
    return created;
  }

  private List<String> grants() {
    return CqlScript.ofResource("access.cql")
        .statements(
            Map.of("keyspace", admin.keyspace(), "writer", writer.role(), "reader", reader.role()));
  }

  /**
   * Checks that {@link #provision} would succeed. Changes nothing.
   *
   * @param decodeVersion of this release
   * @return the findings as messages
   * @throws PipelineException usage error, when a requirement is not met; unavailable, when no node
   *     answers
   * @throws InterruptedException when interrupted while waiting
   */
  public List<String> preflight(int decodeVersion) throws InterruptedException {
    List<String> found = new ArrayList<>();
    try (CqlSession session = AuthCaches.await(() -> ViewSession.open(admin))) {
      ViewCluster nodes = new ViewCluster(session, admin);
      found.add(nodes.requireNodes(replication));
      found.add(AuthCaches.await(nodes::requireRights));
      if (ViewTable.in(admin.keyspace()).exists(session)) {
        ViewTable.in(admin.keyspace()).require(session);
        found.add(
            "the table %s is the pipeline's".formatted(admin.keyspace() + "." + ViewTable.NAME));
        writtenDecodeVersion(session, decodeVersion).ifPresent(found::add);
      } else {
        found.add("provisioning will create the table in %s".formatted(admin.keyspace()));
      }
    } catch (UnauthorizedException missing) {
      throw ViewErrors.rightIsMissing(admin, missing);
    }
    return found;
  }

  private Optional<String> writtenDecodeVersion(CqlSession session, int own) {
    if (!DecodeVersions.isProvisioned(session, admin.keyspace())) {
      return Optional.empty();
    }
    return new DecodeVersions(session, admin.keyspace())
        .highest()
        .map(
            written ->
                "the view was written with decode version %d, and this release decodes with version %d%s"
                    .formatted(
                        written,
                        own,
                        written > own
                            ? ": its speed layer refuses to start, and its reconcile only reports"
                            : ""));
  }

  private CqlSession adminSession(Duration limit) throws InterruptedException {
    try {
      return ViewSession.await(admin, limit);
    } catch (PipelineException refused) {
      if (refused.kind() != PipelineException.Kind.USAGE_ERROR || cluster == Cluster.EXTERNAL) {
        throw refused;
      }
      createAdmin(refused);
      return ViewSession.await(admin, limit);
    }
  }

  /** Creates the admin role with the default superuser, the only role of a new cluster. */
  private void createAdmin(PipelineException refusal) {
    try (CqlSession session = ViewSession.open(admin.as(DEFAULT_SUPERUSER))) {
      replicateRoles(session);
      if (roleExists(session, admin.credentials().role())) {
        session.execute(
            "ALTER ROLE %s WITH SUPERUSER = true AND LOGIN = true AND PASSWORD = '%s'"
                .formatted(admin.credentials().role(), quoted(admin.credentials())));
      } else {
        session.execute(createRole(admin.credentials(), true));
      }
      LOG.info("event=role_ready role={}", admin.credentials().role());
    } catch (PipelineException secondRefusal) {
      throw refusal;
    }
  }

  /**
   * Raises the replication of roles. A new cluster stores each role on one node only. Roles that
   * are created afterwards have as many replicas as the view.
   */
  private void replicateRoles(CqlSession session) {
    Map<String, String> present =
        session
            .execute(
                "SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = 'system_auth'")
            .one()
            .getMap("replication", String.class, String.class);
    boolean single = "1".equals(present.get("replication_factor"));
    if (single && replication.values().stream().anyMatch(replicas -> replicas > 1)) {
      session.execute("ALTER KEYSPACE system_auth WITH replication = " + replicas());
      LOG.info("event=logins_replicated replication={}", replication);
    }
  }

  /** Disables the default superuser, because its password is publicly known. */
  private void disableDefaultSuperuser(CqlSession session) {
    if (admin.credentials().role().equals(DEFAULT_SUPERUSER.role())) {
      return;
    }
    if (roleExists(session, DEFAULT_SUPERUSER.role())) {
      session.execute(
          "ALTER ROLE %s WITH SUPERUSER = false AND LOGIN = false"
              .formatted(DEFAULT_SUPERUSER.role()));
    }
  }

  private String createKeyspace() {
    return "CREATE KEYSPACE IF NOT EXISTS %s WITH replication = %s"
        .formatted(admin.keyspace(), replicas());
  }

  private String replicas() {
    return replication.entrySet().stream()
        .map(entry -> ", '%s': %d".formatted(entry.getKey(), entry.getValue()))
        .sorted()
        .collect(Collectors.joining("", "{'class': 'NetworkTopologyStrategy'", "}"));
  }

  /**
   * Returns when the role can log in and has its permissions on every node. Sets the password only
   * if it differs, because Cassandra limits how often it may change.
   */
  private void awaitUsable(CqlSession session, ViewCredentials role, boolean created)
      throws InterruptedException {
    try (CqlSession roleSession = created ? awaitLogin(role) : loginOrSetPassword(session, role)) {
      for (Node node : roleSession.getMetadata().getNodes().values()) {
        if (node.getOpenConnections() > 0) {
          AuthCaches.await(() -> requireRead(roleSession, node, role));
        }
      }
    }
  }

  private CqlSession awaitLogin(ViewCredentials role) throws InterruptedException {
    return AuthCaches.await(() -> ViewSession.open(admin.as(role)));
  }

  private CqlSession loginOrSetPassword(CqlSession session, ViewCredentials role)
      throws InterruptedException {
    try {
      return ViewSession.open(admin.as(role));
    } catch (PipelineException failure) {
      if (!AuthCaches.isRefusal(failure)) {
        throw failure;
      }
    }
    session.execute(
        "ALTER ROLE %s WITH LOGIN = true AND PASSWORD = '%s'".formatted(role.role(), quoted(role)));
    LOG.info("event=password_set role={}", role.role());
    return awaitLogin(role);
  }

  /**
   * Reads a tiny token range of each table that the role may read. A node caches all permissions of
   * a role on a table together, and SELECT is granted last. If SELECT works, the other permissions
   * work too.
   */
  private boolean requireRead(CqlSession roleSession, Node node, ViewCredentials role) {
    for (String grant : grants()) {
      Matcher read = READ_GRANT.matcher(grant);
      if (read.matches() && read.group("role").equals(role.role())) {
        String table = read.group("table");
        String key = partitionKey(roleSession, table);
        roleSession.execute(
            SimpleStatement.newInstance(
                    "SELECT %2$s FROM %1$s.%3$s WHERE token(%2$s) > 0 AND token(%2$s) <= 1"
                        .formatted(admin.keyspace(), key, table))
                .setNode(node));
      }
    }
    return true;
  }

  private String partitionKey(CqlSession session, String table) {
    return session
        .getMetadata()
        .getKeyspace(admin.keyspace())
        .flatMap(keyspace -> keyspace.getTable(table))
        .or(
            () ->
                session
                    .refreshSchema()
                    .getKeyspace(admin.keyspace())
                    .flatMap(k -> k.getTable(table)))
        .orElseThrow(() -> ViewErrors.tableIsNotVisible(admin, table))
        .getPartitionKey()
        .get(0)
        .getName()
        .asCql(true);
  }

  private static boolean roleExists(CqlSession session, String role) {
    return session.execute("SELECT role FROM system_auth.roles WHERE role = ?", role).one() != null;
  }

  private static String createRole(ViewCredentials credentials, boolean superuser) {
    return "CREATE ROLE IF NOT EXISTS %s WITH PASSWORD = '%s' AND SUPERUSER = %s AND LOGIN = true"
        .formatted(credentials.role(), quoted(credentials), superuser);
  }

  private static String quoted(ViewCredentials credentials) {
    return credentials.password().replace("'", "''");
  }
}
