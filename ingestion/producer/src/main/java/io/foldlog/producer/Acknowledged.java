package io.foldlog.producer;

import io.foldlog.contract.PipelineException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Is told the id of every event that the log has acknowledged. */
interface Acknowledged extends AutoCloseable {

  void add(String eventId);

  @Override
  void close();

  /** Nobody wants to know. */
  static Acknowledged ignored() {
    return new Acknowledged() {
      @Override
      public void add(String eventId) {}

      @Override
      public void close() {}
    };
  }

  /**
   * Appends each id as a line to the file, handed to the operating system before the next: a line
   * that is there outlives the process, however it ends.
   *
   * @throws PipelineException refused, when the file cannot be written to
   */
  static Acknowledged in(Path file) {
    try {
      OutputStream lines =
          Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      return new Acknowledged() {
        @Override
        public void add(String eventId) {
          try {
            lines.write((eventId + "\n").getBytes(StandardCharsets.UTF_8));
          } catch (IOException failure) {
            throw refused(file, failure);
          }
        }

        @Override
        public void close() {
          try {
            lines.close();
          } catch (IOException failure) {
            throw new UncheckedIOException(failure);
          }
        }
      };
    } catch (IOException failure) {
      throw refused(file, failure);
    }
  }

  private static PipelineException refused(Path file, IOException failure) {
    return PipelineException.refused(
        "The file %s of --acknowledged cannot be written: %s. Name one that can."
            .formatted(file, failure),
        failure);
  }
}
