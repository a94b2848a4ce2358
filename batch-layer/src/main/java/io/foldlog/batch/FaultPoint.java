package io.foldlog.batch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Named places where a test may end the process as a power cut would, or hold it up. Off unless a
 * system property names one: {@code foldlog.fault-point} where the process ends, {@code
 * foldlog.pause-point} where it makes the file {@code foldlog.pause-file} and waits until somebody
 * has removed that.
 */
public final class FaultPoint {

  private static final String NAMED = System.getProperty("foldlog.fault-point", "");
  private static final long LOOKS_EVERY_MILLIS = 20;

  private FaultPoint() {}

  /** Whether any place was named. */
  static boolean isNamed() {
    return !NAMED.isEmpty();
  }

  /** Ends the process here, or waits, if this is the place that was named. */
  public static void reach(String name) {
    if (name.equals(NAMED)) {
      Runtime.getRuntime().halt(137);
    }
    if (name.equals(System.getProperty("foldlog.pause-point"))) {
      pause(Path.of(System.getProperty("foldlog.pause-file")));
    }
  }

  private static void pause(Path file) {
    try {
      Files.createFile(file);
      while (Files.exists(file)) {
        Thread.sleep(LOOKS_EVERY_MILLIS);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (InterruptedException interruption) {
      Thread.currentThread().interrupt();
    }
  }
}
