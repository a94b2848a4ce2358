package io.foldlog.testing.faults;

import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** What a Java process of this machine holds, looked at from time to time; in MiB. */
final class ProcessMemory implements AutoCloseable {

  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");

  private final long process;
  private final JMXConnector connector;
  private final MemoryMXBean memory;
  private final List<Long> live = new ArrayList<>();
  private final List<Long> resident = new ArrayList<>();

  private ProcessMemory(long process, JMXConnector connector) throws IOException {
    this.process = process;
    this.connector = connector;
    this.memory =
        ManagementFactory.newPlatformMXBeanProxy(
            connector.getMBeanServerConnection(),
            ManagementFactory.MEMORY_MXBEAN_NAME,
            MemoryMXBean.class);
  }

  static ProcessMemory of(long process) throws Exception {
    VirtualMachine machine = VirtualMachine.attach(Long.toString(process));
    try {
      JMXServiceURL address = new JMXServiceURL(machine.startLocalManagementAgent());
      return new ProcessMemory(process, JMXConnectorFactory.connect(address));
    } finally {
      machine.detach();
    }
  }

  /** Collects the garbage and looks what is left. */
  void sample() throws IOException {
    memory.gc();
    live.add(memory.getHeapMemoryUsage().getUsed() >> 20);
    Matcher found =
        RESIDENT.matcher(Files.readString(Path.of("/proc", Long.toString(process), "status")));
    if (!found.find()) {
      throw new IOException("No VmRSS of process " + process);
    }
    resident.add(Long.parseLong(found.group(1)) >> 10);
  }

  long heapLimit() {
    return memory.getHeapMemoryUsage().getMax() >> 20;
  }

  /** The heap after each collection. */
  List<Long> live() {
    return List.copyOf(live);
  }

  /** All of the process that was in memory. */
  List<Long> resident() {
    return List.copyOf(resident);
  }

  @Override
  public void close() throws IOException {
    connector.close();
  }
}
