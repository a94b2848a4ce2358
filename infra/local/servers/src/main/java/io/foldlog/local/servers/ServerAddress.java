package io.foldlog.local.servers;

import static java.util.Objects.requireNonNull;

/**
 * The address that a server binds to, and the host by which others reach it.
 *
 * @param bindAddress an address of this machine; 0.0.0.0 for all, as in a container
 * @param host the name or address under which clients and other servers reach it
 */
public record ServerAddress(String bindAddress, String host) {

  /** For this machine only. */
  public static final ServerAddress LOOPBACK = new ServerAddress("127.0.0.1", "127.0.0.1");

  public ServerAddress {
    requireNonNull(bindAddress);
    requireNonNull(host);
  }
}
