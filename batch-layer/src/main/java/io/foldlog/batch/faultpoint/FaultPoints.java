package io.foldlog.batch.faultpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Named places of the steps at which a test may hold up a run, or end the process as a power cut
 * would.
 */
@FunctionalInterface
public interface FaultPoints {

  /** Nothing happens anywhere. */
  FaultPoints NONE = name -> {};

  /** A step has come to the place; returns when it may go on. */
  void reach(String name);

  /**
   * As the system properties say: {@code foldlog.fault-point} names the place where the process
   * ends, {@code foldlog.pause-point} the one where, the first time, it makes the file {@code
   * foldlog.pause-file} and waits until that is removed. Without them, none.
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
   * When that place is reached for the first time, the file is made, and the run waits until the
   * file is removed.
   */
  static FaultPoints pausingAt(String place, Path file) {
    AtomicBoolean reached = new AtomicBoolean();
    return name -> {
      if (name.equals(place) && reached.compareAndSet(false, true)) {
        pause(file);
      }
    };
  }

  private static void pause(Path file) {
    long looksEveryMillis = 20;
    try {
      Files.createFile(file);
      while (Files.exists(file)) {
        Thread.sleep(looksEveryMillis);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (InterruptedException interruption) {
      Thread.currentThread().interrupt();
    }
  }
}
