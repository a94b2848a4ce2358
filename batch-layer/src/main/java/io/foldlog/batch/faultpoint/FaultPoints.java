package io.foldlog.batch.faultpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Named points in the steps at which a test pauses a run, or ends the process without any cleanup,
 * like a power failure.
 */
@FunctionalInterface
public interface FaultPoints {

  /** No fault points. */
  FaultPoints NONE = name -> {};

  /** Called when a step reaches the fault point. Returns when the step may continue. */
  void reach(String name);

  /**
   * The fault points of the system properties. At {@code foldlog.fault-point} the process halts
   * with status 137. At {@code foldlog.pause-point} the process creates the file {@code
   * foldlog.pause-file} and waits until it is removed, the first time only.
   */
  static FaultPoints ofProcess() {
    String halt = System.getProperty("foldlog.fault-point", "");
    String pause = System.getProperty("foldlog.pause-point", "");
    FaultPoints pausing =
        pause.isEmpty()
            ? NONE
            : pausingAt(pause, Path.of(System.getProperty("foldlog.pause-file")));
    return name -> {
      if (name.equals(halt)) {
        Runtime.getRuntime().halt(137);
      }
      pausing.reach(name);
    };
  }

  /**
   * Pauses when the fault point is reached for the first time: creates the file and waits until it
   * is removed.
   */
  static FaultPoints pausingAt(String faultPoint, Path file) {
    AtomicBoolean reached = new AtomicBoolean();
    return name -> {
      if (name.equals(faultPoint) && reached.compareAndSet(false, true)) {
        pause(file);
      }
    };
  }

  private static void pause(Path file) {
    long pollIntervalMillis = 20;
    try {
      Files.createFile(file);
      while (Files.exists(file)) {
        Thread.sleep(pollIntervalMillis);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (InterruptedException interruption) {
      Thread.currentThread().interrupt();
    }
  }
}
