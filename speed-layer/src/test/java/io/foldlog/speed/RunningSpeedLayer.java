package io.foldlog.speed;

import com.fasterxml.jackson.databind.JsonNode;
import io.foldlog.runtime.ExitStatus;

/** A speed layer that a test has started, in this JVM or as a process. */
public interface RunningSpeedLayer extends AutoCloseable {

  /** Whether it has not ended. */
  boolean isRunning();

  /** Whether its query runs; fails the test when it has ended instead. */
  boolean hasStarted();

  /** Whether it, and no other run, wrote that content of the status file. */
  boolean wrote(JsonNode status);

  /** Asks it to end in order; how it ended. */
  ExitStatus stop();

  /** Waits until it ends by itself; how it ended. */
  ExitStatus ended();

  /** What it said, for the message of a failed test. */
  String output();

  /** Ends it, in order or not. */
  @Override
  void close();
}
