package io.foldlog.testing.faults;

import io.foldlog.local.servers.Signal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A subject that is one process of an application, and what that has said. */
abstract class ProcessTarget implements FaultTarget {

  private final Path output;
  private Process process;

  /** One whose output goes to that file. */
  ProcessTarget(Path output) {
    this.output = output;
  }

  /** Starts the application anew. */
  abstract Process launch(Path output) throws IOException;

  @Override
  public final void start() throws IOException {
    process = launch(output);
  }

  final Process process() {
    return process;
  }

  /** All that it has said. */
  final String said() {
    try {
      return Files.readString(output);
    } catch (IOException failure) {
      return failure.toString();
    }
  }

  @Override
  public final void freeze() {
    Signal.STOP.sendTo(process);
  }

  @Override
  public final void thaw() {
    Signal.CONT.sendTo(process);
  }

  @Override
  public final void close() {
    process.destroyForcibly();
  }
}
