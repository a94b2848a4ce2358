package io.foldlog.testing.faults;

/** A process that a fault kills or freezes. */
interface FaultTarget extends AutoCloseable {

  /** Sends SIGKILL and waits for the end of the process. A frozen process ends too. */
  void kill();

  /** Sends SIGSTOP. */
  void freeze();

  /** Sends SIGCONT. */
  void resume();

  /** Starts the process again after a kill, as its supervisor does. */
  void start() throws Exception;

  @Override
  void close();
}
