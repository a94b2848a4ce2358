package io.foldlog.log;

import io.foldlog.contract.Rejection;
import io.foldlog.contract.TimestampSource;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * A rejected record, unchanged, and the reason for the rejection. The dead letter topic may contain
 * a record more than once. Its {@linkplain LogRecord#id() id} identifies duplicates.
 *
 * @param record the record as it is in the log
 * @param topic the name of the record's topic
 * @param rejection the reason
 * @param omittedBytes size of the record's key, value and headers if they were left out because
 *     they exceed the limit of the dead letter topic, else 0. The log still holds them.
 */
public record DeadLetter(LogRecord record, String topic, Rejection rejection, long omittedBytes) {

  static final String CODE = "foldlog-code";
  static final String FIELD = "foldlog-field";
  static final String MESSAGE = "foldlog-sentence";
  static final String TOPIC = "foldlog-topic";
  static final String TOPIC_ID = "foldlog-topic-id";
  static final String PARTITION = "foldlog-partition";
  static final String OFFSET = "foldlog-offset";
  static final String TIMESTAMP = "foldlog-timestamp";
  static final String TIMESTAMP_SOURCE = "foldlog-timestamp-kind";

  /** Present only if key, value and headers are left out. */
  static final String LEFT_OUT = "foldlog-left-out";

  private static final List<String> NAMES =
      List.of(
          CODE, FIELD, MESSAGE, TOPIC, TOPIC_ID, PARTITION, OFFSET, TIMESTAMP, TIMESTAMP_SOURCE);

  public DeadLetter {
    Objects.requireNonNull(record);
    Objects.requireNonNull(topic);
    Objects.requireNonNull(rejection);
  }

  /** A dead letter with the complete record. */
  public DeadLetter(LogRecord record, String topic, Rejection rejection) {
    this(record, topic, rejection, 0);
  }

  /**
   * The dead letter without key, value and headers, for a record that exceeds the topic's limit.
   */
  DeadLetter withoutRecord() {
    return new DeadLetter(record.withoutContent(), topic, rejection, record.bytes());
  }

  /** The headers of the record, followed by the headers of the dead letter. */
  List<Header> headers() {
    List<Header> headers = new ArrayList<>(record.headers());
    List<String> values =
        List.of(
            rejection.code().name(),
            rejection.field(),
            rejection.message(),
            topic,
            record.id().logId().toString(),
            Integer.toString(record.partition()),
            Long.toString(record.offset()),
            Long.toString(record.timestampMillis()),
            record.timestampSource().name());
    for (int index = 0; index < NAMES.size(); index++) {
      headers.add(
          new RecordHeader(NAMES.get(index), values.get(index).getBytes(StandardCharsets.UTF_8)));
    }
    if (omittedBytes > 0) {
      headers.add(
          new RecordHeader(LEFT_OUT, Long.toString(omittedBytes).getBytes(StandardCharsets.UTF_8)));
    }
    return headers;
  }

  /**
   * Reads a record of the dead letter topic. Returns empty if it is not a dead letter of this
   * version.
   */
  static Optional<DeadLetter> of(LogRecord deadLetterRecord) {
    List<Header> headers = deadLetterRecord.headers();
    Header last = headers.isEmpty() ? null : headers.get(headers.size() - 1);
    boolean leftOut = last != null && last.key().equals(LEFT_OUT) && last.value() != null;
    int recordHeaders = headers.size() - NAMES.size() - (leftOut ? 1 : 0);
    if (recordHeaders < 0) {
      return Optional.empty();
    }
    List<String> values = new ArrayList<>();
    for (int index = 0; index < NAMES.size(); index++) {
      Header header = headers.get(recordHeaders + index);
      if (!header.key().equals(NAMES.get(index)) || header.value() == null) {
        return Optional.empty();
      }
      values.add(new String(header.value(), StandardCharsets.UTF_8));
    }
    try {
      LogRecord record =
          new LogRecord(
              new RecordId(
                  LogId.parse(values.get(4)),
                  Integer.parseInt(values.get(5)),
                  Long.parseLong(values.get(6))),
              TimestampSource.valueOf(values.get(8)),
              Long.parseLong(values.get(7)),
              deadLetterRecord.key(),
              deadLetterRecord.value(),
              headers.subList(0, recordHeaders));
      Rejection rejection =
          new Rejection(Rejection.Code.valueOf(values.get(0)), values.get(1), values.get(2));
      long omittedBytes =
          leftOut ? Long.parseLong(new String(last.value(), StandardCharsets.UTF_8)) : 0;
      return Optional.of(new DeadLetter(record, values.get(3), rejection, omittedBytes));
    } catch (IllegalArgumentException otherVersion) {
      return Optional.empty();
    }
  }
}
