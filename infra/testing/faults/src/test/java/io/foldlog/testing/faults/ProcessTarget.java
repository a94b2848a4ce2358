package io.foldlog.testing.faults;

import io.foldlog.local.servers.Signal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A target that is one process of an application. */
abstract class ProcessTarget implements FaultTarget {

  private final Path outputFile;
  private Process process;

  ProcessTarget(Path outputFile) {
    this.outputFile = outputFile;
  }

  /** Starts a process of the application. */
  abstract Process launch(Path outputFile) throws IOException;

  @Override
  public final void start() throws IOException {
    process = launch(outputFile);
  }

  final Process process() {
    return process;
  }

  /** The content of the output file: standard output and standard error. */
  final String output() {
    try {
      return Files.readString(outputFile);
    } catch (IOException failure) {
      return failure.toString();
    }
  }

  @Override
  public final void freeze() {
    Signal.STOP.sendTo(process);
  }

  @Override
  public final void resume() {
    Signal.CONT.sendTo(process);
  }

  @Override
  public final void close() {
    process.destroyForcibly();
  }
}
