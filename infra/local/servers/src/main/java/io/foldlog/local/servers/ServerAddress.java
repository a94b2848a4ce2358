package io.foldlog.local.servers;

import static java.util.Objects.requireNonNull;

/**
 * The bind address of a server, and its host name for others.
 *
 * @param bindAddress an address of this machine; 0.0.0.0 for all, as in a container
 * @param host the name or address under which clients and other servers reach it
 */
public record ServerAddress(String bindAddress, String host) {

  /** Reachable from this machine only. */
  public static final ServerAddress LOOPBACK = new ServerAddress("127.0.0.1", "127.0.0.1");

  public ServerAddress {
    requireNonNull(bindAddress);
    requireNonNull(host);
  }
}
