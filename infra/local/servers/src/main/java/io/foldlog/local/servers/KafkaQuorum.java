package io.foldlog.local.servers;

import java.util.List;
import java.util.UUID;

/**
 * The controller quorum of a cluster in which each broker is also a controller.
 *
 * @param node id of this broker, from 1
 * @param hosts of all brokers, in the order of their ids; empty for a single broker
 * @param cluster id of the cluster
 */
public record KafkaQuorum(int node, List<String> hosts, String cluster) {

  public KafkaQuorum {
    hosts = List.copyOf(hosts);
    if (node < 1 || node > Math.max(1, hosts.size())) {
      throw new IllegalArgumentException("There is no broker %d among %s".formatted(node, hosts));
    }
  }

  /** A single broker with a new cluster id. */
  public static KafkaQuorum ofOne() {
    return new KafkaQuorum(1, List.of(), UUID.randomUUID().toString());
  }

  boolean isSingleBroker() {
    return hosts.isEmpty();
  }

  /** Replication factor of internal topics and of new topics. */
  int replication() {
    return Math.max(1, Math.min(3, hosts.size()));
  }

  /** The value of {@code min.insync.replicas}. */
  int inSync() {
    return replication() / 2 + 1;
  }

  /** The line of the server's properties that names the controllers. */
  String voters(String ownHost, int port) {
    if (isSingleBroker()) {
      return "controller.quorum.bootstrap.servers=%s:%d".formatted(ownHost, port);
    }
    StringBuilder voters = new StringBuilder("controller.quorum.voters=");
    for (int number = 1; number <= hosts.size(); number++) {
      voters.append(number == 1 ? "" : ",");
      voters.append(number).append('@').append(hosts.get(number - 1)).append(':').append(port);
    }
    return voters.toString();
  }
}
