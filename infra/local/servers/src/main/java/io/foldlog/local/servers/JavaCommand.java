package io.foldlog.local.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The {@code java} launcher of this JVM's JDK. */
public final class JavaCommand {

  private JavaCommand() {}

  /** The path of the launcher. */
  public static String launcher() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /**
   * Runs {@code java @argumentFile} to its end.
   *
   * @param log receives the output, which is also part of the exception's message
   */
  static void run(Path argumentFile, Path log) throws IOException {
    Process process =
        new ProcessBuilder(List.of(launcher(), "@" + argumentFile))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      int status = process.waitFor();
      if (status != 0) {
        throw new IOException(
            "java @%s ended with %d: %s"
                .formatted(argumentFile, status, Files.readString(log).strip()));
      }
    } catch (InterruptedException interruption) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted while running java @" + argumentFile, interruption);
    }
  }
}
