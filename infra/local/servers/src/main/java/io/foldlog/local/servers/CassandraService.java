package io.foldlog.local.servers;

import java.net.InetSocketAddress;

/** A running Cassandra node that this JVM or another process has started. */
public interface CassandraService {

  /** Where CQL clients connect. */
  InetSocketAddress contactPoint();

  /** Attaches to the running node; the caller closes the result. */
  CassandraManagement management();
}
