package io.foldlog.local.servers;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Free ports of the loopback interface. They are below the ephemeral port range, so that no
 * outgoing connection takes the port of a server that restarts.
 */
public final class FreePort {

  private static final int LOWEST = 15_000;
  private static final int HIGHEST = 32_000;

  private FreePort() {}

  /** A port that is free now. */
  public static int next() {
    for (int attempt = 0; attempt < 1_000; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (IOException taken) {
        continue;
      }
    }
    throw new IllegalStateException("No free port between %d and %d".formatted(LOWEST, HIGHEST));
  }
}
