package io.foldlog.local.servers;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import javax.management.Attribute;
import javax.management.JMException;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/**
 * Operations of nodetool on a node: flush, compact and limit the requests of clients. This class
 * attaches to the node's process as the same user on the same machine, so the node needs neither a
 * management port nor a password.
 *
 * <p>A limit applies to all clients together. It ends with the node or with {@link #liftLimit}.
 */
public final class CassandraManagement implements AutoCloseable {

  private static final String STORAGE_SERVICE = "org.apache.cassandra.db:type=StorageService";

  private final JMXConnector connector;
  private final MBeanServerConnection server;
  private final ObjectName storageService;

  private CassandraManagement(JMXConnector connector) throws IOException, JMException {
    this.connector = connector;
    this.server = connector.getMBeanServerConnection();
    this.storageService = new ObjectName(STORAGE_SERVICE);
  }

  /** Attaches to the node with this process id. The process must not be frozen. */
  public static CassandraManagement attach(long pid) {
    try {
      VirtualMachine node = VirtualMachine.attach(Long.toString(pid));
      try {
        JMXServiceURL address = new JMXServiceURL(node.startLocalManagementAgent());
        return new CassandraManagement(JMXConnectorFactory.connect(address));
      } finally {
        node.detach();
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(
          "Cannot attach to the Cassandra node with process id " + pid, failure);
    } catch (AttachNotSupportedException | JMException failure) {
      throw new IllegalStateException(
          "Cannot attach to the Cassandra node with process id " + pid, failure);
    }
  }

  /** Flushes the table's memtable, then compacts all its SSTables into one. */
  public void flushAndCompact(String keyspace, String table) {
    String[] tables = {table};
    invoke(
        "forceKeyspaceFlush",
        List.of(String.class.getName(), String[].class.getName()),
        keyspace,
        tables);
    invoke(
        "forceKeyspaceCompaction",
        List.of(boolean.class.getName(), String.class.getName(), String[].class.getName()),
        false,
        keyspace,
        tables);
  }

  /**
   * Limits the requests per second. Above the limit the node stops reading from the clients'
   * connections, so the clients wait.
   */
  public void limitRequests(int perSecond) {
    limit(perSecond, false);
  }

  /**
   * Limits the requests per second. Above the limit the node answers at once with an overload
   * error. This applies to connections of protocol version 5 or later that are opened after this
   * call and do not request the other behaviour.
   */
  public void refuseRequestsAbove(int perSecond) {
    limit(perSecond, true);
  }

  private void limit(int perSecond, boolean throwOnOverload) {
    set("NativeTransportThrowOnOverload", throwOnOverload);
    set("NativeTransportMaxRequestsPerSecond", perSecond);
    set("NativeTransportRateLimitingEnabled", true);
  }

  /** Removes the limit at once. */
  public void liftLimit() {
    set("NativeTransportRateLimitingEnabled", false);
    set("NativeTransportThrowOnOverload", false);
  }

  private void set(String attribute, Object value) {
    try {
      server.setAttribute(storageService, new Attribute(attribute, value));
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot set " + attribute, failure);
    } catch (JMException failure) {
      throw new IllegalStateException("Cannot set " + attribute, failure);
    }
  }

  private void invoke(String operation, List<String> types, Object... arguments) {
    try {
      server.invoke(storageService, operation, arguments, types.toArray(String[]::new));
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot invoke " + operation, failure);
    } catch (JMException failure) {
      throw new IllegalStateException("Cannot invoke " + operation, failure);
    }
  }

  @Override
  public void close() {
    try {
      connector.close();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
