package io.foldlog.view;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.Version;
import com.datastax.oss.driver.api.core.cql.Row;
import com.datastax.oss.driver.api.core.metadata.Node;
import io.foldlog.contract.PipelineException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Checks whether a cluster meets the requirements of the view.
 *
 * @param session a session of the admin role
 * @param admin the connection of the session
 */
record ViewCluster(CqlSession session, ViewConnection admin) {

  /** The first version with storage-attached indexes. */
  private static final Version MIN_VERSION = Version.parse("5.0.0");

  /**
   * Checks the version of the nodes and that there are enough nodes for the replicas.
   *
   * @return the finding as a message
   * @throws PipelineException usage error
   */
  String requireNodes(Map<String, Integer> replication) {
    Collection<Node> nodes = session.getMetadata().getNodes().values();
    for (Node node : nodes) {
      Version version = node.getCassandraVersion();
      if (version != null && version.compareTo(MIN_VERSION) < 0) {
        throw ViewErrors.nodeIsTooOld(node.getEndPoint(), version, MIN_VERSION);
      }
    }
    replication.forEach(
        (datacenter, replicas) -> {
          long available =
              nodes.stream().filter(node -> datacenter.equals(node.getDatacenter())).count();
          if (available < replicas) {
            throw ViewErrors.nodesAreMissing(datacenter, replicas, available);
          }
        });
    return "%d nodes, replication %s".formatted(nodes.size(), replication);
  }

  /**
   * Checks the permissions to create the keyspace, its roles and their grants.
   *
   * @return the finding as a message
   * @throws PipelineException usage error, with the statements that grant the missing permissions
   */
  String requireRights() {
    String role = admin.credentials().role();
    for (Row entry : session.execute("LIST ROLES OF " + role + " NORECURSIVE")) {
      if (entry.getString("role").equals(role) && entry.getBoolean("super")) {
        return role + " is a superuser";
      }
    }
    Set<String> held = new HashSet<>();
    for (Row row : session.execute("LIST ALL PERMISSIONS OF " + role)) {
      held.add(row.getString("permission") + " on " + row.getString("resource"));
    }
    List<String> missing = new ArrayList<>();
    for (Right right : rights()) {
      if (right.resources().stream()
          .noneMatch(resource -> held.contains(right.name() + " on " + resource))) {
        missing.add("GRANT %s ON %s TO %s".formatted(right.name(), right.on(), role));
      }
    }
    if (!missing.isEmpty()) {
      throw ViewErrors.rightsAreMissing(admin, missing);
    }
    return role + " may create the keyspace and its roles";
  }

  /**
   * A permission, its resource in a GRANT statement, and the resources of which one must have it.
   */
  private record Right(String name, String on, List<String> resources) {
    Right {
      Objects.requireNonNull(name);
      Objects.requireNonNull(on);
      resources = List.copyOf(resources);
    }
  }

  /** The required permissions. The creator of a keyspace or a role gets all permissions on it. */
  private List<Right> rights() {
    String everywhere = "<all keyspaces>";
    String ownKeyspace = "<keyspace " + admin.keyspace() + ">";
    List<Right> rights = new ArrayList<>();
    if (session.getMetadata().getKeyspace(admin.keyspace()).isEmpty()) {
      rights.add(new Right("CREATE", "ALL KEYSPACES", List.of(everywhere)));
    } else {
      for (String name : List.of("CREATE", "ALTER", "SELECT", "MODIFY", "AUTHORIZE")) {
        rights.add(
            new Right(name, "KEYSPACE " + admin.keyspace(), List.of(everywhere, ownKeyspace)));
      }
    }
    rights.add(new Right("CREATE", "ALL ROLES", List.of("<all roles>")));
    rights.add(
        new Right("SELECT", "system_auth.roles", List.of(everywhere, "<table system_auth.roles>")));
    return rights;
  }
}
