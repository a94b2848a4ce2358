package io.foldlog.producer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foldlog.contract.PipelineException;
import io.foldlog.log.AckListener;
import io.foldlog.log.LogOffsets;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.SortedMap;
import java.util.function.Consumer;

/**
 * The account of a run in a file of JSON lines: first where the log ended when the run began, then
 * each event that was acknowledged, with its place. A run that is tried again goes on in the same
 * file, so the first line stays that of the first try.
 *
 * <p>Each line is handed to the operating system before the next: a line that is there outlives the
 * process, however it ends.
 */
final class AckJournal implements AckListener, AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final OutputStream lines;

  /**
   * The first line.
   *
   * @param topicId the log's
   * @param from of every partition where it ended before the first event was sent
   */
  record Beginning(String topicId, SortedMap<Integer, Long> from) {

    Beginning {
      Objects.requireNonNull(topicId);
      Objects.requireNonNull(from);
    }

    LogOffsets offsets() {
      return new LogOffsets(topicId, from);
    }
  }

  /** Every other line: the event of that id stands there. */
  record Acknowledgement(int partition, long offset, String id) {

    Acknowledgement {
      Objects.requireNonNull(id);
    }
  }

  private AckJournal(Path file, OutputStream lines) {
    this.file = file;
    this.lines = lines;
  }

  /**
   * Continues the file, or creates it.
   *
   * @throws PipelineException usage error, when it cannot be written
   */
  static AckJournal append(Path file) {
    try {
      return new AckJournal(
          file, Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
    } catch (IOException failure) {
      throw ProducerErrors.ackJournalIsUnwritable(file, failure);
    }
  }

  /**
   * Writes, once, before the first event is sent, where the log ends.
   *
   * @throws PipelineException usage error, when what the file holds is of another log
   */
  void begin(LogOffsets end) {
    try {
      if (Files.size(file) == 0) {
        write(new Beginning(end.topicId(), end.byPartition()));
        return;
      }
    } catch (IOException failure) {
      throw ProducerErrors.ackJournalIsUnwritable(file, failure);
    }
    Beginning before = read(file, acknowledgement -> {});
    if (!before.topicId().equals(end.topicId())) {
      throw ProducerErrors.ackJournalIsOfOtherTopic(file, before.topicId(), end.topicId());
    }
  }

  @Override
  public void acknowledged(String eventId, int partition, long offset) {
    write(new Acknowledgement(partition, offset, eventId));
  }

  private void write(Object line) {
    try {
      lines.write((JSON.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException failure) {
      throw ProducerErrors.ackJournalIsUnwritable(file, failure);
    }
  }

  /**
   * Reads a file to its end.
   *
   * @return its first line
   * @throws PipelineException usage error, when there is no such file, or it is no account
   */
  static Beginning read(Path file, Consumer<Acknowledgement> receiver) {
    try (BufferedReader reader = Files.newBufferedReader(file)) {
      Beginning beginning = parse(file, 1, reader.readLine(), Beginning.class);
      int number = 2;
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        receiver.accept(parse(file, number++, line, Acknowledgement.class));
      }
      return beginning;
    } catch (IOException failure) {
      throw ProducerErrors.ackJournalIsUnreadable(file, failure);
    }
  }

  private static <T> T parse(Path file, int number, String line, Class<T> type) {
    try {
      return JSON.readValue(line == null ? "" : line, type);
    } catch (JsonProcessingException failure) {
      throw ProducerErrors.ackJournalLineIsMalformed(file, number, failure);
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
}
