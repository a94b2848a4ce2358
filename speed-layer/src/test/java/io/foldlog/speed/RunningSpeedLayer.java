package io.foldlog.speed;

import com.fasterxml.jackson.databind.JsonNode;
import io.foldlog.runtime.ExitStatus;

/** A speed layer that a test has started, in this JVM or as a separate process. */
public interface RunningSpeedLayer extends AutoCloseable {

  boolean isRunning();

  /** Whether the query has started; fails the test if the layer has ended. */
  boolean hasStarted();

  /** Whether this run of the layer wrote the status. */
  boolean wrote(JsonNode status);

  /** Requests an orderly stop; returns the exit status. */
  ExitStatus stop();

  /** Waits until the layer ends by itself; returns the exit status. */
  ExitStatus ended();

  /** The output of the layer, for the message of a failed test. */
  String output();

  /** Ends the layer, with an orderly stop or a kill. */
  @Override
  void close();
}
