package io.foldlog.view;

import com.datastax.oss.driver.api.core.CqlSession;
import io.foldlog.local.servers.CassandraService;
import io.foldlog.local.servers.CassandraSpecification;
import io.foldlog.testing.kit.SharedServers;
import io.foldlog.testing.kit.TestNames;
import io.foldlog.testing.kit.TestRoles;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * A view that one test class uses, with the standard roles.
 *
 * @param node the node of the keyspace
 * @param keyspace the keyspace; its name is unique on a shared node
 * @param trust the trusted certificates, if the node uses TLS
 */
public record TestView(CassandraService node, String keyspace, Optional<ViewTrust> trust) {

  /** How long provisioning may wait for the node. */
  public static final Duration LIMIT = Duration.ofMinutes(2);

  public static final ViewCredentials ADMIN =
      new ViewCredentials(TestRoles.ADMIN, TestRoles.ADMIN_PASSWORD);
  public static final ViewCredentials WRITER =
      new ViewCredentials(TestRoles.WRITER, TestRoles.WRITER_PASSWORD);
  public static final ViewCredentials READER =
      new ViewCredentials(TestRoles.READER, TestRoles.READER_PASSWORD);

  /** A keyspace that does not exist, on the shared node. */
  public static TestView absent(String prefix) {
    return absent(SharedServers.cassandra(), prefix);
  }

  /** As {@link #absent(String)}, on another node. */
  public static TestView absent(CassandraService node, String prefix) {
    return new TestView(node, TestNames.unique(prefix), Optional.empty());
  }

  /** An empty view on the shared node. */
  public static TestView provisioned(String prefix) throws InterruptedException {
    return absent(prefix).provision();
  }

  /** Provisions keyspace, tables, roles and grants. */
  public TestView provision() throws InterruptedException {
    provisioning().provision(LIMIT);
    return this;
  }

  public ViewProvisioning provisioning() {
    return new ViewProvisioning(
        connection(ADMIN), Map.of(CassandraSpecification.DATA_CENTER, 1), WRITER, READER);
  }

  public ViewConnection connection(ViewCredentials credentials) {
    return new ViewConnection(
        List.of(node.contactPoint()),
        CassandraSpecification.DATA_CENTER,
        keyspace,
        credentials,
        trust);
  }

  /** Opens a session; the caller closes it. */
  public CqlSession session(ViewCredentials credentials) {
    return ViewSession.open(connection(credentials));
  }

  /** A writer of events, as in the speed layer. */
  public UserViewWriter writer(CqlSession session) {
    return UserView.over(session, keyspace, WriteLimits.DEFAULT).writer(WriteListener.NONE);
  }

  /** All rows of the view. */
  public Map<UUID, ViewRow> rows(CqlSession session) {
    Map<UUID, ViewRow> rows = new HashMap<>();
    UserViewReader.over(session, keyspace).scan(row -> rows.put(row.id(), row));
    return rows;
  }
}
