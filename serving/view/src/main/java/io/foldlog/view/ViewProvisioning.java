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
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the view ready to use, or checks that it is: the admin role in place of Cassandra's default
 * superuser, the keyspace, the migrations, the writer's and the reader's roles with their grants
 * and passwords. Running it again changes nothing.
 *
 * @param admin where the view is, as the role that owns it
 * @param replication replicas by data centre, of a keyspace that is created
 * @param writer the role of both layers
 * @param reader the role of users and the verifier
 * @param cluster whose it is
 */
public record ViewProvisioning(
    ViewConnection admin,
    Map<String, Integer> replication,
    ViewCredentials writer,
    ViewCredentials reader,
    Cluster cluster) {

  /** Who decides about the cluster as a whole. */
  public enum Cluster {
    /** The pipeline: its admin role takes the place of Cassandra's default superuser. */
    OWN,
    /** Somebody else, who has made the admin role. */
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

  /** Of a cluster of the pipeline's own. */
  public ViewProvisioning(
      ViewConnection admin,
      Map<String, Integer> replication,
      ViewCredentials writer,
      ViewCredentials reader) {
    this(admin, replication, writer, reader, Cluster.OWN);
  }

  /**
   * Provisions as soon as Cassandra answers, and again from the beginning while a node goes away or
   * comes back: every statement may be repeated. When it returns, the writer and the reader can log
   * in and have their rights on every node.
   *
   * @param limit of waiting for it, all attempts together
   * @throws PipelineException usage error, when neither the admin nor the default superuser may log
   *     in, a right is missing, or what is there is not the pipeline's; each of the first two only
   *     once no node can hold an older role, password or permission any more; unavailable, when too
   *     few nodes answer in time
   * @throws InterruptedException when interrupted while waiting
   */
  public void provision(Duration limit) throws InterruptedException {
    RetryPolicy<Void> policy =
        RetryPolicy.<Void>builder()
            .handleIf(ViewProvisioning::mayPass)
            .withDelay(PAUSE)
            .withMaxRetries(-1)
            .withMaxDuration(limit.plusSeconds(1)) // longer than a pause, whatever the limit
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
        Thread.interrupted(); // the exception says so
        throw interruption;
      }
      throw failure;
    } catch (DriverException failure) {
      if (!mayPass(failure)) {
        throw failure;
      }
      throw ViewErrors.provisioningTimedOut(admin, limit, failure);
    }
  }

  /** Whether a node is away, or has too much to do. */
  private static boolean mayPass(Throwable thrown) {
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
        retireDefaultSuperuser(session);
      }
    } catch (UnauthorizedException missing) {
      throw ViewErrors.rightIsMissing(admin, missing);
    }
  }

  /** Keyspace, migrations, roles and grants; returns the roles that were created. */
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
   * Looks whether {@link #provision} would succeed, and changes nothing.
   *
   * @return what was found, a sentence each
   * @throws PipelineException usage error, with what is in the way; unavailable, when no node
   *     answers
   * @throws InterruptedException when interrupted while waiting
   */
  public List<String> check() throws InterruptedException {
    List<String> found = new ArrayList<>();
    try (CqlSession session = AuthCaches.await(() -> ViewSession.open(admin))) {
      ViewCluster nodes = new ViewCluster(session, admin);
      found.add(nodes.requireNodes(replication));
      found.add(AuthCaches.await(nodes::requireRights));
      if (ViewTable.in(admin.keyspace()).exists(session)) {
        ViewTable.in(admin.keyspace()).require(session);
        found.add(
            "the table %s is the pipeline's".formatted(admin.keyspace() + "." + ViewTable.NAME));
      } else {
        found.add("provisioning will make the table in %s".formatted(admin.keyspace()));
      }
    } catch (UnauthorizedException missing) {
      throw ViewErrors.rightIsMissing(admin, missing);
    }
    return found;
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

  /** On a new cluster only Cassandra's default superuser exists. */
  private void createAdmin(PipelineException refusal) {
    try (CqlSession session = ViewSession.open(admin.as(DEFAULT_SUPERUSER))) {
      replicateLogins(session);
      if (roleExists(session, admin.credentials().role())) {
        session.execute(
            "ALTER ROLE %s WITH SUPERUSER = true AND LOGIN = true AND PASSWORD = '%s'"
                .formatted(admin.credentials().role(), quoted(admin.credentials())));
      } else {
        session.execute(createRole(admin.credentials(), true));
      }
      LOG.info("event=role_ready role={}", admin.credentials().role());
    } catch (PipelineException alsoRefused) {
      throw refusal;
    }
  }

  /**
   * A new cluster keeps each login on one node alone, whatever becomes of it. Roles that are made
   * after this are on as many as the view.
   */
  private void replicateLogins(CqlSession session) {
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

  /** Everybody knows its password. */
  private void retireDefaultSuperuser(CqlSession session) {
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
   * Returns when the role can log in and has its rights on every node. A password is set only where
   * it is another one: Cassandra limits how often it may change.
   */
  private void awaitUsable(CqlSession session, ViewCredentials role, boolean created)
      throws InterruptedException {
    try (CqlSession own = created ? awaitLogin(role) : loginOrSetPassword(session, role)) {
      for (Node node : own.getMetadata().getNodes().values()) {
        if (node.getOpenConnections() > 0) {
          AuthCaches.await(() -> requireRead(own, node, role));
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
   * Reads next to nothing of what the role may read. A node keeps all permissions of a role on a
   * table together, and SELECT is granted last: where it counts, the others do.
   */
  private boolean requireRead(CqlSession own, Node node, ViewCredentials role) {
    for (String grant : grants()) {
      Matcher read = READ_GRANT.matcher(grant);
      if (read.matches() && read.group("role").equals(role.role())) {
        String table = read.group("table");
        String key = partitionKey(own, table);
        own.execute(
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
