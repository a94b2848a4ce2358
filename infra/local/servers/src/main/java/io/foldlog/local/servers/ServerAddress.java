package io.foldlog.local.servers;

import static java.util.Objects.requireNonNull;

/**
 * Where a server listens, and how others name it.
 *
 * @param listen an address of this machine; 0.0.0.0 for all, as in a container
 * @param host the name or address under which clients and other servers reach it
 */
public record ServerAddress(String listen, String host) {

  /** For this machine only. */
  public static final ServerAddress LOOPBACK = new ServerAddress("127.0.0.1", "127.0.0.1");

  public ServerAddress {
    requireNonNull(listen);
    requireNonNull(host);
  }
}
