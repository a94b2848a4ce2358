package io.foldlog.producer;

import io.foldlog.contract.PipelineException;
import io.foldlog.log.LogOffsets;
import java.nio.file.Path;

/** Is told of every event that the log has acknowledged. */
interface Acknowledged extends AutoCloseable {

  /**
   * Is told once, before the first event is sent, where the log ends.
   *
   * @throws PipelineException refused, when what was told before is of another log
   */
  void begin(LogOffsets end);

  /** The event of that id stands there now. Called in the client's thread. */
  void add(String eventId, int partition, long offset);

  @Override
  void close();

  /** Nobody wants to know. */
  static Acknowledged ignored() {
    return new Acknowledged() {
      @Override
      public void begin(LogOffsets end) {}

      @Override
      public void add(String eventId, int partition, long offset) {}

      @Override
      public void close() {}
    };
  }

  /**
   * Keeps an account in the file, after what it holds already.
   *
   * @throws PipelineException refused, when the file cannot be written to
   */
  static Acknowledged in(Path file) {
    return AcknowledgedFile.append(file);
  }
}
