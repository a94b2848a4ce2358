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
 * What a cluster has to offer before the view can be made in it.
 *
 * @param session of the admin role
 * @param admin what it asked for
 */
record ViewCluster(CqlSession session, ViewConnection admin) {

  /** The first with storage-attached indexes. */
  private static final Version OLDEST = Version.parse("5.0.0");

  /**
   * Wants nodes that are new enough, and enough of them for the replicas.
   *
   * @return what there is, in words
   * @throws PipelineException usage error
   */
  String requireNodes(Map<String, Integer> replication) {
    Collection<Node> nodes = session.getMetadata().getNodes().values();
    for (Node node : nodes) {
      Version version = node.getCassandraVersion();
      if (version != null && version.compareTo(OLDEST) < 0) {
        throw ViewErrors.nodeIsTooOld(node.getEndPoint(), version, OLDEST);
      }
    }
    replication.forEach(
        (datacenter, replicas) -> {
          long there =
              nodes.stream().filter(node -> datacenter.equals(node.getDatacenter())).count();
          if (there < replicas) {
            throw ViewErrors.nodesAreMissing(datacenter, replicas, there);
          }
        });
    return "%d nodes, replication %s".formatted(nodes.size(), replication);
  }

  /**
   * Wants the rights to make the keyspace, its roles and their grants.
   *
   * @return who has them, in words
   * @throws PipelineException usage error, with the statements that grant what is missing
   */
  String requireRights() {
    String role = admin.credentials().role();
    for (Row own : session.execute("LIST ROLES OF " + role + " NORECURSIVE")) {
      if (own.getString("role").equals(role) && own.getBoolean("super")) {
        return role + " is a superuser";
      }
    }
    Set<String> held = new HashSet<>();
    for (Row row : session.execute("LIST ALL PERMISSIONS OF " + role)) {
      held.add(row.getString("permission") + " on " + row.getString("resource"));
    }
    List<String> missing = new ArrayList<>();
    for (Right right : rights()) {
      if (right.places().stream()
          .noneMatch(place -> held.contains(right.name() + " on " + place))) {
        missing.add("GRANT %s ON %s TO %s".formatted(right.name(), right.on(), role));
      }
    }
    if (!missing.isEmpty()) {
      throw ViewErrors.rightsAreMissing(admin, missing);
    }
    return role + " may make the keyspace and its roles";
  }

  /** A permission, what to grant it on, and the resources of which one has to have it. */
  private record Right(String name, String on, List<String> places) {
    Right {
      Objects.requireNonNull(name);
      Objects.requireNonNull(on);
      places = List.copyOf(places);
    }
  }

  /** Whoever makes a keyspace or a role has every right on it. */
  private List<Right> rights() {
    String everywhere = "<all keyspaces>";
    String own = "<keyspace " + admin.keyspace() + ">";
    List<Right> rights = new ArrayList<>();
    if (session.getMetadata().getKeyspace(admin.keyspace()).isEmpty()) {
      rights.add(new Right("CREATE", "ALL KEYSPACES", List.of(everywhere)));
    } else {
      for (String name : List.of("CREATE", "ALTER", "SELECT", "MODIFY", "AUTHORIZE")) {
        rights.add(new Right(name, "KEYSPACE " + admin.keyspace(), List.of(everywhere, own)));
      }
    }
    rights.add(new Right("CREATE", "ALL ROLES", List.of("<all roles>")));
    rights.add(
        new Right("SELECT", "system_auth.roles", List.of(everywhere, "<table system_auth.roles>")));
    return rights;
  }
}
