package io.foldlog.contract;

import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.time.Instant;
import java.util.UUID;

/**
 * Decodes a record of the log to an event or a rejection. Never throws an exception, whatever the
 * bytes are. The result depends only on the record, so all layers accept and reject the same
 * records.
 *
 * <p>Not thread-safe, because an instance reuses its parsers for all records. Layers get their
 * decoders from {@link DecodeRules}. Only the rules of another version extend this class.
 */
public class EventDecoder {

  /** The treatment of records whose timestamp is the producer's. */
  public enum CreateTime {
    REJECT,
    /** For old topics whose producers' clocks the operator trusts. */
    TRUST
  }

  /** How far an event's time may be ahead of its record's timestamp. */
  public static final long MAX_AHEAD_MILLIS = 5 * 60 * 1000;

  private static final long EARLIEST_MICROS =
      Instant.parse("2000-01-01T00:00:00Z").toEpochMilli() * 1000;
  private static final long LATEST_MILLIS =
      Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli() - MAX_AHEAD_MILLIS;

  private final CreateTime createTime;
  private final ContentMode mode = new ContentMode();
  private final CloudEventParser cloudEvent = new CloudEventParser();
  private final FlatEventParser flatEvent = new FlatEventParser();
  private final JsonDocument.Members structured = cloudEvent::readMember;
  private final JsonDocument.Members undeclared = this::readUndeclared;

  public EventDecoder(CreateTime createTime) {
    this.createTime = createTime;
  }

  /** Decodes one record. */
  public DecodeResult decode(RawRecord record) {
    Rejection unreadable = read(record);
    if (unreadable != null) {
      return unreadable;
    }
    long timestampMillis = record.timestampMillis();
    if (record.timestampSource() != TimestampSource.LOG_APPEND_TIME
        && createTime == CreateTime.REJECT) {
      return new Rejection(
          Rejection.Code.CLOCK_UNTRUSTED,
          "",
          "The record's timestamp is the producer's (CreateTime), and kafka.trust-create-time is not set");
    }
    if (timestampMillis > LATEST_MILLIS || timestampMillis < 0) {
      return new Rejection(
          Rejection.Code.TIME_OUT_OF_RANGE, "", "The record's timestamp is outside 1970 to 9999");
    }
    DecodeResult decoded =
        isCloudEvent()
            ? cloudEvent.event(record.placeMicros())
            : flatEvent.event(record.placeMicros());
    return decoded instanceof UserEvent event
        ? placed(event, record.key(), timestampMillis)
        : decoded;
  }

  /** A record that declares itself a CloudEvent is never read as a flat event. */
  private boolean isCloudEvent() {
    return mode.kind() != ContentMode.Kind.UNDECLARED || cloudEvent.isRecognised();
  }

  /** Reads headers and value. Returns the rejection if they cannot be read, else null. */
  private Rejection read(RawRecord record) {
    mode.read(record.headers());
    if (mode.rejection() != null) {
      return mode.rejection();
    }
    cloudEvent.clear();
    byte[] value = record.value();
    if (mode.kind() == ContentMode.Kind.BINARY) {
      cloudEvent.readHeaders(record.headers());
      return cloudEvent.readValue(value);
    }
    if (value == null || value.length == 0) {
      return new Rejection(Rejection.Code.NOT_AN_EVENT, "", "The record has no value");
    }
    if (mode.kind() == ContentMode.Kind.STRUCTURED) {
      return JsonDocument.read(value, structured);
    }
    flatEvent.clear();
    return JsonDocument.read(value, undeclared);
  }

  /** A member may belong to both formats ("id"). The format is known only at the end. */
  private boolean readUndeclared(String name, JsonParser parser) throws IOException {
    boolean isRead = cloudEvent.readMember(name, parser);
    return isRead | flatEvent.readMember(name, parser);
  }

  /** Checks an event against the key and the timestamp of its record. */
  private static DecodeResult placed(UserEvent event, byte[] key, long timestampMillis) {
    UUID userId = event.userId();
    if (key != null && key.length > 0 && !UserId.isKeyOf(userId, key)) {
      return new Rejection(
          Rejection.Code.KEY_MISMATCH,
          "",
          "The record's key is not the event's user id (expected a 36-character UUID)");
    }
    if (event.timeMicros() < EARLIEST_MICROS) {
      return new Rejection(
          Rejection.Code.TIME_OUT_OF_RANGE, "time", "The event's time is before 2000");
    }
    if (event.timeMicros() > (timestampMillis + MAX_AHEAD_MILLIS) * 1000) {
      return new Rejection(
          Rejection.Code.TIME_OUT_OF_RANGE,
          "time",
          "The event's time is more than 5 minutes past the record's timestamp");
    }
    return event;
  }
}
