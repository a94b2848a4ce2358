package io.foldlog.testing.faults;

/** A process that faults hit. */
interface FaultTarget extends AutoCloseable {

  /** SIGKILL, frozen or not; it is gone when this returns. */
  void kill();

  /** SIGSTOP. */
  void freeze();

  /** SIGCONT. */
  void thaw();

  /** Starts it again after a kill, as whoever supervises it would. */
  void start() throws Exception;

  @Override
  void close();
}
