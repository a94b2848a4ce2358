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

/** Samples of the memory of a Java process on this machine, in MiB. */
final class ProcessMemory implements AutoCloseable {

  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");

  private final long process;
  private final JMXConnector connector;
  private final MemoryMXBean memory;
  private final List<Long> usedHeap = new ArrayList<>();
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

  /** Runs a garbage collection and takes a sample. */
  void sample() throws IOException {
    memory.gc();
    usedHeap.add(memory.getHeapMemoryUsage().getUsed() >> 20);
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

  /** The used heap after each garbage collection. */
  List<Long> usedHeap() {
    return List.copyOf(usedHeap);
  }

  /** The resident set size of the process in each sample. */
  List<Long> resident() {
    return List.copyOf(resident);
  }

  @Override
  public void close() throws IOException {
    connector.close();
  }
}
