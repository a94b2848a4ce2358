package io.foldlog.testing.kit;

import io.foldlog.local.servers.CassandraManagement;
import io.foldlog.local.servers.CassandraNode;
import io.foldlog.local.servers.CassandraService;
import io.foldlog.local.servers.KafkaNode;
import io.foldlog.local.servers.KafkaService;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * One Kafka broker and one Cassandra node for all integration tests.
 *
 * <p>The build starts both servers once and passes their addresses as system properties. If a
 * property is missing, for example in an IDE, the first call starts the server. It then ends with
 * this JVM.
 *
 * <p>Tests use the servers at the same time. So topics and keyspaces need {@link TestNames#unique
 * unique names}, and all tests use the {@link TestRoles same passwords} for the roles of the view.
 * A test that stops, kills, freezes or reconfigures a server starts a dedicated one.
 */
public final class SharedServers {

  private static final String KAFKA = "foldlog.test.kafka";
  private static final String CASSANDRA_HOST = "foldlog.test.cassandra.host";
  private static final String CASSANDRA_PORT = "foldlog.test.cassandra.port";
  private static final String CASSANDRA_PID = "foldlog.test.cassandra.pid";

  private static KafkaService kafka;
  private static CassandraService cassandra;

  private SharedServers() {}

  private record RunningKafka(String bootstrapServers) implements KafkaService {}

  private record RunningCassandra(InetSocketAddress contactPoint, long pid)
      implements CassandraService {
    @Override
    public CassandraManagement management() {
      return CassandraManagement.attach(pid);
    }
  }

  /** The system properties from which other JVMs read the addresses of the servers. */
  static Properties properties(KafkaNode kafka, CassandraNode cassandra) {
    Properties properties = new Properties();
    properties.setProperty(KAFKA, kafka.bootstrapServers());
    properties.setProperty(CASSANDRA_HOST, cassandra.contactPoint().getHostString());
    properties.setProperty(CASSANDRA_PORT, Integer.toString(cassandra.contactPoint().getPort()));
    properties.setProperty(CASSANDRA_PID, Long.toString(cassandra.pid()));
    return properties;
  }

  /** Returns the shared broker. Starts it if it does not run. */
  public static synchronized KafkaService kafka() {
    if (kafka == null) {
      String running = System.getProperty(KAFKA);
      kafka = running == null ? startKafka() : new RunningKafka(running);
    }
    return kafka;
  }

  /** Returns the shared node. Starts it if it does not run. */
  public static synchronized CassandraService cassandra() {
    if (cassandra == null) {
      String host = System.getProperty(CASSANDRA_HOST);
      cassandra =
          host == null
              ? startCassandra()
              : new RunningCassandra(
                  new InetSocketAddress(host, Integer.getInteger(CASSANDRA_PORT)),
                  Long.getLong(CASSANDRA_PID));
    }
    return cassandra;
  }

  private static KafkaNode startKafka() {
    KafkaNode node = KafkaNode.in(temporaryFolder("kafka"));
    node.start();
    return node;
  }

  private static CassandraNode startCassandra() {
    CassandraNode node = CassandraNode.in(temporaryFolder("cassandra"));
    node.start();
    return node;
  }

  /** Creates a folder that is deleted when the JVM ends. The server in it ends at that time too. */
  private static Path temporaryFolder(String name) {
    try {
      Path folder = Files.createTempDirectory("foldlog-" + name + "-");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
      return folder;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  static void delete(Path folder) {
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot delete " + folder, failure);
    }
  }
}
