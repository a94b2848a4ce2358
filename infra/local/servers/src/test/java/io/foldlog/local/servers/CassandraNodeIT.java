package io.foldlog.local.servers;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The operations of the fault tier on a node, without a pipeline. */
@Tag("fault")
class CassandraNodeIT {

  @TempDir Path folder;

  @Test
  void shouldManageFreezeAndKillNode() throws Exception {
    try (CassandraNode cassandra = CassandraNode.in(folder)) {
      cassandra.start();
      assertThat(cassandra.logText()).contains("Created default superuser role");
      try (CassandraManagement management = cassandra.management()) {
        management.flushAndCompact("system_auth", "roles");
        // compacted files are removed with a short delay
        await().untilAsserted(() -> assertThat(dataFiles("system_auth", "roles")).hasSize(1));

        try (CqlSocket client = CqlSocket.to(cassandra)) {
          management.limitRequests(10);
          Duration limitedDuration = durationOfRequests(client, 40);
          assertThat(limitedDuration).isGreaterThan(ofSeconds(2));
          management.liftLimit();
          assertThat(durationOfRequests(client, 40)).isLessThan(limitedDuration);
          cassandra.freeze();
          cassandra.resume();
          client.request();
        }
      }
      assertThat(acceptsConnections(cassandra.contactPoint().getPort())).isTrue();
      long pid = cassandra.pid();
      cassandra.freeze();
      cassandra.kill();
      assertProcessEnded(pid);
      assertThat(acceptsConnections(cassandra.contactPoint().getPort())).isFalse();
    }
  }

  private static Duration durationOfRequests(CqlSocket client, int requests) throws IOException {
    long start = System.nanoTime();
    for (int request = 0; request < requests; request++) {
      client.request();
    }
    return Duration.ofNanos(System.nanoTime() - start);
  }

  private List<Path> dataFiles(String keyspace, String table) throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("data").resolve("data"))) {
      return files
          .filter(file -> file.getFileName().toString().endsWith("Data.db"))
          .filter(file -> file.toString().contains("/%s/%s-".formatted(keyspace, table)))
          .toList();
    }
  }

  private static boolean acceptsConnections(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException refused) {
      return false;
    }
  }

  private static void assertProcessEnded(long pid) {
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
  }
}
