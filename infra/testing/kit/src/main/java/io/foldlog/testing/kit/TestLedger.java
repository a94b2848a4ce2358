package io.foldlog.testing.kit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Records what tests start inside their JVM, for the summary of the build. Each entry is one line
 * in the file that the environment variable TEST_LEDGER_FILE names. Without the variable, nothing
 * is recorded.
 */
final class TestLedger {

  private TestLedger() {}

  static void sparkContext(Class<?> creator) {
    String file = System.getenv("TEST_LEDGER_FILE");
    if (file == null) {
      return;
    }
    try {
      Files.writeString(
          Path.of(file),
          "spark-context %d %s%n".formatted(ProcessHandle.current().pid(), creator.getName()),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
