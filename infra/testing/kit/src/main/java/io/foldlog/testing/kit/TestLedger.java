package io.foldlog.testing.kit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What tests start inside their own JVM, for the summary of a build: one line for each in the file
 * that the environment variable TEST_LEDGER_FILE names. Without it nothing is written.
 */
final class TestLedger {

  private TestLedger() {}

  /** Notes that a SparkContext was created. */
  static void sparkContext(Class<?> by) {
    String file = System.getenv("TEST_LEDGER_FILE");
    if (file == null) {
      return;
    }
    try {
      Files.writeString(
          Path.of(file),
          "spark-context %d %s%n".formatted(ProcessHandle.current().pid(), by.getName()),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
