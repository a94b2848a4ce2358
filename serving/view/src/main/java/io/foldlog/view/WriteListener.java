package io.foldlog.view;

/**
 * Told about a writer's progress, from the driver's threads: an implementation must be safe for
 * many threads, return at once and throw nothing.
 */
public interface WriteListener {

  /** Hears nothing. */
  WriteListener NONE = new WriteListener() {};

  /**
   * An event is in the view.
   *
   * @param recordTimestampMillis what was given with the event
   */
  default void acknowledged(long recordTimestampMillis) {}

  /** A write is tried once more. */
  default void retried() {}
}
