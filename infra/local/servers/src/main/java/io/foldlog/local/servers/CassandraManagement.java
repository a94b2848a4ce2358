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
 * What an operator would do to a node with nodetool: flush, compact, limit its clients. It attaches
 * to the node's own process, as the same user on the same machine, so the node needs no management
 * port and no password for it.
 *
 * <p>Limits are of all clients together, and end with the node or with {@link #liftLimit}.
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

  /** Of the node that is that process, which must not be frozen. */
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
      throw new UncheckedIOException("Cannot manage the node that is process " + pid, failure);
    } catch (AttachNotSupportedException | JMException failure) {
      throw new IllegalStateException("Cannot manage the node that is process " + pid, failure);
    }
  }

  /** Writes what the table holds in memory to disk, then all its files into one. */
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
   * From now on the node takes so many requests per second and lets its clients wait: it reads no
   * further from their connections.
   */
  public void limitRequests(int perSecond) {
    limit(perSecond, false);
  }

  /**
   * The same, but what is above the limit is answered at once as overloaded: on connections of the
   * protocol's version 5 or later opened from now on, whose clients leave the choice to the node.
   */
  public void refuseRequestsAbove(int perSecond) {
    limit(perSecond, true);
  }

  private void limit(int perSecond, boolean refuse) {
    set("NativeTransportThrowOnOverload", refuse);
    set("NativeTransportMaxRequestsPerSecond", perSecond);
    set("NativeTransportRateLimitingEnabled", true);
  }

  /** As the node was before any limit, at once. */
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
      throw new UncheckedIOException("Cannot do " + operation, failure);
    } catch (JMException failure) {
      throw new IllegalStateException("Cannot do " + operation, failure);
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
