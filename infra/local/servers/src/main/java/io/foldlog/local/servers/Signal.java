package io.foldlog.local.servers;

import java.io.IOException;
import java.io.UncheckedIOException;

/** What the operating system can tell a process. */
public enum Signal {
  /** Ends it in order. */
  TERM,
  /** Stops its time: connections stay open and nothing answers. */
  STOP,
  /** Lets a stopped one go on. */
  CONT;

  /**
   * Sends it.
   *
   * @throws IllegalStateException when the process is gone
   */
  public void sendTo(Process process) {
    try {
      int status =
          new ProcessBuilder("kill", "-" + name(), Long.toString(process.pid())).start().waitFor();
      if (status != 0) {
        throw new IllegalStateException(
            "kill -%s %d ended with %d".formatted(name(), process.pid(), status));
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (InterruptedException interruption) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while signalling", interruption);
    }
  }
}
