package io.foldlog.local.servers;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Signals of the operating system to a process. */
public enum Signal {
  /** Requests an orderly shutdown. */
  TERM,
  /** Freezes the process: connections stay open, and it answers no request. */
  STOP,
  /** Resumes a frozen process. */
  CONT;

  /**
   * Sends the signal.
   *
   * @throws IllegalStateException if the process has ended
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
