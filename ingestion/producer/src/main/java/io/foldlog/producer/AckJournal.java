package io.foldlog.producer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foldlog.contract.PipelineException;
import io.foldlog.log.AckListener;
import io.foldlog.log.LogId;
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
 * The acknowledged events of a run, in a file of JSON lines. The first line has the end offsets
 * before the run. Each other line has an acknowledged event with its partition and offset. A
 * repeated run appends to the same file, so the first line remains that of the first attempt.
 *
 * <p>Each line is passed to the operating system before the next one. A line is therefore not lost
 * when the process is killed.
 */
final class AckJournal implements AckListener, AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final OutputStream lines;

  /**
   * The first line.
   *
   * @param topicId the topic id of the log
   * @param from for each partition, the end offset before the first event was sent
   */
  record Beginning(String topicId, SortedMap<Integer, Long> from) {

    Beginning {
      Objects.requireNonNull(topicId);
      Objects.requireNonNull(from);
    }

    LogOffsets offsets() {
      return new LogOffsets(LogId.of(topicId), from);
    }
  }

  /** Every other line: an acknowledged event with its partition and offset. */
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
   * Opens the file to append. Creates it if it does not exist.
   *
   * @throws PipelineException usage error, when the file cannot be written
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
   * Writes the end offsets if the file is empty. To be called before the first event is sent.
   *
   * @throws PipelineException usage error, when the file belongs to another topic
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
    Beginning recorded = read(file, acknowledgement -> {});
    if (!recorded.topicId().equals(end.topicId())) {
      throw ProducerErrors.ackJournalIsOfOtherTopic(file, recorded.topicId(), end.topicId());
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
   * Reads all lines of the file.
   *
   * @return the first line
   * @throws PipelineException usage error, when the file does not exist or is not an ack journal
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
