package io.foldlog.producer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.foldlog.contract.DecodeResult;
import io.foldlog.contract.DecodeRules;
import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.EventEncoder;
import io.foldlog.contract.PipelineException;
import io.foldlog.contract.RawRecord;
import io.foldlog.contract.Rejection;
import io.foldlog.contract.TimestampSource;
import io.foldlog.contract.UserEvent;
import io.foldlog.log.OutgoingEvent;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Events of a file with one JSON document per line, in the order of the file. CloudEvents are sent
 * unchanged. A flat event, or a CloudEvent without a time, is recorded at the as-of instant plus
 * its position in µs. Blank lines are skipped. A line that the layers would reject ends the run
 * with its line number. The lines before it were sent, and sending them again changes nothing.
 */
final class FileSource implements UserSource {

  private static final JsonFactory JSON = new JsonFactory();
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
  private static final int MAX_LINE_BYTES = 64 * 1024 * 1024;

  private final Path file;
  private final InputStream bytes;
  private final Optional<EventTimes> times;
  private final InstantSource clock;
  private final EventDecoder decoder =
      DecodeRules.current(EventDecoder.CreateTime.REJECT).newDecoder();
  private long lineNumber;

  /**
   * Opens the file.
   *
   * @param times the times of events that have none; if empty, such events are rejected
   * @throws PipelineException usage error, when the file cannot be read
   */
  static FileSource open(Path file, Optional<EventTimes> times, InstantSource clock) {
    try {
      if (Files.isDirectory(file)) {
        throw new IOException(ProducerErrors.FILE_IS_FOLDER);
      }
      return new FileSource(
          file, new BufferedInputStream(Files.newInputStream(file), 1 << 16), times, clock);
    } catch (IOException failure) {
      throw ProducerErrors.fileIsUnreadable(file, failure);
    }
  }

  private FileSource(
      Path file, InputStream bytes, Optional<EventTimes> times, InstantSource clock) {
    this.file = file;
    this.bytes = bytes;
    this.times = times;
    this.clock = clock;
  }

  @Override
  public String name() {
    return "file";
  }

  @Override
  public Optional<OutgoingEvent> next() {
    while (true) {
      Optional<byte[]> line = line();
      if (line.isEmpty()) {
        return Optional.empty();
      }
      if (!isBlank(line.get())) {
        return Optional.of(event(line.get()));
      }
    }
  }

  private OutgoingEvent event(byte[] line) {
    UserEvent event = decoded(line, clock.millis(), 0);
    if (!isTimeless(line)) {
      return new OutgoingEvent(event.id(), event.type(), EventEncoder.key(event), line, origin());
    }
    long micros =
        times.orElseThrow(() -> ProducerErrors.eventHasNoTime(origin())).at(lineNumber - 1);
    return OutgoingEvent.of(decoded(line, micros / 1000, micros % 1000), origin());
  }

  private UserEvent decoded(byte[] line, long timestampMillis, long offset) {
    DecodeResult decoded =
        decoder.decode(
            new RawRecord(
                null, line, List.of(), TimestampSource.LOG_APPEND_TIME, timestampMillis, offset));
    if (decoded instanceof Rejection rejection) {
      throw ProducerErrors.lineIsRejected(origin(), rejection);
    }
    return (UserEvent) decoded;
  }

  /**
   * Whether the document is a flat event, or a CloudEvent without {@code time}. Its record would
   * decide its time, so sending it again would change the user. Returns false for unreadable text.
   */
  private static boolean isTimeless(byte[] line) {
    try (JsonParser parser = JSON.createParser(line)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return false;
      }
      boolean isCloudEvent = false;
      boolean hasTime = false;
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        boolean isNull = parser.nextToken() == JsonToken.VALUE_NULL;
        isCloudEvent |= name.equals("specversion");
        hasTime |= name.equals("time") && !isNull;
        parser.skipChildren();
      }
      return !(isCloudEvent && hasTime);
    } catch (IOException unreadable) {
      return false;
    }
  }

  /** The next line without its line break; empty at the end of the file. */
  private Optional<byte[]> line() {
    lineNumber++;
    ByteArrayOutputStream line = new ByteArrayOutputStream(1024);
    try {
      int next = bytes.read();
      if (next < 0) {
        return Optional.empty();
      }
      while (next >= 0 && next != '\n') {
        line.write(next);
        if (line.size() > MAX_LINE_BYTES) {
          throw ProducerErrors.lineIsTooLong(origin());
        }
        next = bytes.read();
      }
    } catch (IOException failure) {
      throw ProducerErrors.lineIsUnreadable(origin(), failure);
    }
    return Optional.of(trimmed(line.toByteArray()));
  }

  private byte[] trimmed(byte[] line) {
    int end = line.length > 0 && line[line.length - 1] == '\r' ? line.length - 1 : line.length;
    boolean hasByteOrderMark =
        lineNumber == 1
            && end >= BYTE_ORDER_MARK.length
            && Arrays.equals(line, 0, BYTE_ORDER_MARK.length, BYTE_ORDER_MARK, 0, 3);
    int start = hasByteOrderMark ? BYTE_ORDER_MARK.length : 0;
    return start == 0 && end == line.length ? line : Arrays.copyOfRange(line, start, end);
  }

  private static boolean isBlank(byte[] line) {
    for (byte character : line) {
      if (character != ' ' && character != '\t') {
        return false;
      }
    }
    return true;
  }

  private String origin() {
    return file + ":" + lineNumber;
  }

  @Override
  public void close() {
    try {
      bytes.close();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
