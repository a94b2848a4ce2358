package io.foldlog.view;

/**
 * Receives the progress of a writer in the driver's threads. An implementation must be thread-safe,
 * return immediately and throw no exceptions.
 */
public interface WriteListener {

  /** Ignores all calls. */
  WriteListener NONE = new WriteListener() {};

  /**
   * An event was written to the view.
   *
   * @param recordTimestampMillis the timestamp that was passed with the event
   */
  default void acknowledged(long recordTimestampMillis) {}

  /** A write is retried. */
  default void retried() {}
}
