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
 * A rejected record as it was, and why it was rejected. A record may be a dead letter more than
 * once; its {@linkplain LogRecord#id() id} tells.
 *
 * @param record as it stood in the log
 * @param topic the name of the topic that it stood in
 * @param rejection why it is no event
 * @param leftOutBytes how large the record's key, value and headers were, when the dead-letter
 *     topic did not take them and they were left out; else 0. The log still holds them.
 */
public record DeadLetter(LogRecord record, String topic, Rejection rejection, long leftOutBytes) {

  static final String CODE = "foldlog-code";
  static final String FIELD = "foldlog-field";
  static final String SENTENCE = "foldlog-sentence";
  static final String TOPIC = "foldlog-topic";
  static final String TOPIC_ID = "foldlog-topic-id";
  static final String PARTITION = "foldlog-partition";
  static final String OFFSET = "foldlog-offset";
  static final String TIMESTAMP = "foldlog-timestamp";
  static final String TIMESTAMP_KIND = "foldlog-timestamp-kind";

  /** Only where the record itself was left out. */
  static final String LEFT_OUT = "foldlog-left-out";

  private static final List<String> NAMES =
      List.of(CODE, FIELD, SENTENCE, TOPIC, TOPIC_ID, PARTITION, OFFSET, TIMESTAMP, TIMESTAMP_KIND);

  public DeadLetter {
    Objects.requireNonNull(record);
    Objects.requireNonNull(topic);
    Objects.requireNonNull(rejection);
  }

  /** A letter of the whole record. */
  public DeadLetter(LogRecord record, String topic, Rejection rejection) {
    this(record, topic, rejection, 0);
  }

  /** The letter for a topic that does not take the record: its place and reason alone. */
  DeadLetter withoutRecord() {
    return new DeadLetter(record.bare(), topic, rejection, bytes());
  }

  /** How large the record's key, value and headers are. */
  long bytes() {
    long bytes = size(record.key()) + size(record.value());
    for (Header header : record.headers()) {
      bytes += header.key().length() + size(header.value());
    }
    return bytes;
  }

  private static long size(byte[] bytes) {
    return bytes == null ? 0 : bytes.length;
  }

  /** The record's own headers, then this letter's. */
  List<Header> headers() {
    List<Header> headers = new ArrayList<>(record.headers());
    List<String> values =
        List.of(
            rejection.code().name(),
            rejection.field(),
            rejection.message(),
            topic,
            record.id().topicId(),
            Integer.toString(record.partition()),
            Long.toString(record.offset()),
            Long.toString(record.timestampMillis()),
            record.timestampSource().name());
    for (int index = 0; index < NAMES.size(); index++) {
      headers.add(
          new RecordHeader(NAMES.get(index), values.get(index).getBytes(StandardCharsets.UTF_8)));
    }
    if (leftOutBytes > 0) {
      headers.add(
          new RecordHeader(LEFT_OUT, Long.toString(leftOutBytes).getBytes(StandardCharsets.UTF_8)));
    }
    return headers;
  }

  /** Reads what a dead-letter topic holds; empty for a record that is no letter of this product. */
  static Optional<DeadLetter> of(LogRecord letter) {
    List<Header> headers = letter.headers();
    Header last = headers.isEmpty() ? null : headers.get(headers.size() - 1);
    boolean leftOut = last != null && last.key().equals(LEFT_OUT) && last.value() != null;
    int own = headers.size() - NAMES.size() - (leftOut ? 1 : 0);
    if (own < 0) {
      return Optional.empty();
    }
    List<String> values = new ArrayList<>();
    for (int index = 0; index < NAMES.size(); index++) {
      Header header = headers.get(own + index);
      if (!header.key().equals(NAMES.get(index)) || header.value() == null) {
        return Optional.empty();
      }
      values.add(new String(header.value(), StandardCharsets.UTF_8));
    }
    try {
      LogRecord record =
          new LogRecord(
              new RecordId(
                  values.get(4), Integer.parseInt(values.get(5)), Long.parseLong(values.get(6))),
              TimestampSource.valueOf(values.get(8)),
              Long.parseLong(values.get(7)),
              letter.key(),
              letter.value(),
              headers.subList(0, own));
      Rejection rejection =
          new Rejection(Rejection.Code.valueOf(values.get(0)), values.get(1), values.get(2));
      long leftOutBytes =
          leftOut ? Long.parseLong(new String(last.value(), StandardCharsets.UTF_8)) : 0;
      return Optional.of(new DeadLetter(record, values.get(3), rejection, leftOutBytes));
    } catch (IllegalArgumentException otherVersion) {
      return Optional.empty();
    }
  }
}
