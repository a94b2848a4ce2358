package io.foldlog.local.servers;

import java.net.InetSocketAddress;

/** A Cassandra node that serves, whichever process runs it. */
public interface CassandraService {

  /** Where CQL clients connect. */
  InetSocketAddress contactPoint();

  /** What its operator may do to it while it runs; to be closed. */
  CassandraManagement management();
}
