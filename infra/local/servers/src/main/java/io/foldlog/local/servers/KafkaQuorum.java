package io.foldlog.local.servers;

import java.util.List;
import java.util.UUID;

/**
 * Who decides in a cluster of brokers that are controllers as well.
 *
 * @param node this broker's number, from 1
 * @param hosts of all of them in the order of their numbers; of one alone, empty
 * @param cluster the same for all
 */
public record KafkaQuorum(int node, List<String> hosts, String cluster) {

  public KafkaQuorum {
    hosts = List.copyOf(hosts);
    if (node < 1 || node > Math.max(1, hosts.size())) {
      throw new IllegalArgumentException("There is no broker %d among %s".formatted(node, hosts));
    }
  }

  /** One alone, of a new cluster. */
  public static KafkaQuorum ofOne() {
    return new KafkaQuorum(1, List.of(), UUID.randomUUID().toString());
  }

  boolean alone() {
    return hosts.isEmpty();
  }

  /** How many copies there are of what brokers keep for themselves. */
  int replication() {
    return Math.max(1, Math.min(3, hosts.size()));
  }

  /** How many of them have to have a record before it is acknowledged. */
  int inSync() {
    return replication() / 2 + 1;
  }

  /** As the server's settings have it. */
  String voters(String ownHost, int port) {
    if (alone()) {
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
