package io.foldlog.view;

import static java.util.Objects.requireNonNull;

import com.datastax.oss.driver.api.core.CqlSession;
import io.foldlog.contract.PipelineException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
   * Provisions as soon as Cassandra answers.
   *
   * @param limit of waiting for it
   * @throws PipelineException refused, when neither the admin nor the default superuser may log in,
   *     or what is there is not the pipeline's; unavailable, when no node answers in time
   * @throws InterruptedException when interrupted while waiting
   */
  public void provision(Duration limit) throws InterruptedException {
    try (CqlSession session = adminSession(limit)) {
      session.execute(createKeyspace());
      new ViewMigrations(session, admin.keyspace()).apply();
      ensureRole(session, writer);
      ensureRole(session, reader);
      CqlScript.ofResource("access.cql")
          .statements(
              Map.of(
                  "keyspace", admin.keyspace(), "writer", writer.role(), "reader", reader.role()))
          .forEach(session::execute);
      if (cluster == Cluster.OWN) {
        retireDefaultSuperuser(session);
      }
    }
  }

  /**
   * Looks whether {@link #provision} would succeed, and changes nothing.
   *
   * @return what was found, a sentence each
   * @throws PipelineException refused, with what is in the way; unavailable, when no node answers
   */
  public List<String> check() {
    List<String> found = new ArrayList<>();
    try (CqlSession session = ViewSession.open(admin)) {
      ViewCluster nodes = new ViewCluster(session, admin);
      found.add(nodes.requireNodes(replication));
      found.add(nodes.requireRights());
      if (ViewTable.in(admin.keyspace()).exists(session)) {
        ViewTable.in(admin.keyspace()).require(session);
        found.add(
            "the table %s is the pipeline's".formatted(admin.keyspace() + "." + ViewTable.NAME));
      } else {
        found.add("provisioning will make the table in %s".formatted(admin.keyspace()));
      }
    }
    return found;
  }

  private CqlSession adminSession(Duration limit) throws InterruptedException {
    try {
      return ViewSession.await(admin, limit);
    } catch (PipelineException refused) {
      if (refused.kind() != PipelineException.Kind.REFUSED || cluster == Cluster.EXTERNAL) {
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
      LOG.info("role ready: role={}", admin.credentials().role());
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
      LOG.info("logins replicated: replication={}", replication);
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

  /** A password is set only where it is another one: Cassandra limits how often it may change. */
  private void ensureRole(CqlSession session, ViewCredentials credentials) {
    if (!roleExists(session, credentials.role())) {
      session.execute(createRole(credentials, false));
      LOG.info("role created: role={}", credentials.role());
    } else if (!mayLogIn(credentials)) {
      session.execute(
          "ALTER ROLE %s WITH LOGIN = true AND PASSWORD = '%s'"
              .formatted(credentials.role(), quoted(credentials)));
      LOG.info("password set: role={}", credentials.role());
    }
  }

  private boolean mayLogIn(ViewCredentials credentials) {
    try {
      ViewSession.open(admin.as(credentials)).close();
      return true;
    } catch (PipelineException failure) {
      if (failure.kind() == PipelineException.Kind.REFUSED) {
        return false;
      }
      throw failure;
    }
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
