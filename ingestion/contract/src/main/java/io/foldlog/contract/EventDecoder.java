package io.foldlog.contract;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.time.Instant;
import java.util.UUID;

/**
 * Decodes a record of the log to an event or a rejection. Never throws an exception, whatever the
 * bytes are. The result depends only on the record, so all layers accept and reject the same
 * records.
 *
 * <p>Reads the bytes in one pass, without a JSON tree. Not thread-safe, because an instance reuses
 * its parsers for all records. Layers get their decoders from {@link DecodeRules}. Only the rules
 * of another version extend this class.
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

  /**
   * Interning and the limit on hash collisions are off. With either of them, the names in one
   * record could change how another record decodes.
   */
  private static final JsonFactory JSON =
      new JsonFactoryBuilder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
          .build();

  private final CreateTime createTime;
  private final CloudEventParser cloudEvent = new CloudEventParser();
  private final FlatEventParser flatEvent = new FlatEventParser();

  public EventDecoder(CreateTime createTime) {
    this.createTime = createTime;
  }

  /**
   * Decodes one record.
   *
   * @param key the record's key, or null
   * @param value the record's value, or null
   * @param timestampMillis the record's timestamp
   * @param offset the record's offset; it distinguishes flat events of the same millisecond
   */
  public DecodeResult decode(
      byte[] key,
      byte[] value,
      TimestampSource timestampSource,
      long timestampMillis,
      long offset) {
    if (value == null || value.length == 0) {
      return new Rejection(Rejection.Code.NOT_AN_EVENT, "", "The record has no value");
    }
    if (!Utf8.isWellFormedText(value)) {
      return new Rejection(Rejection.Code.NOT_JSON, "", "The value is not text in UTF-8");
    }
    Rejection unreadable = read(value);
    if (unreadable != null) {
      return unreadable;
    }
    if (timestampSource != TimestampSource.LOG_APPEND_TIME && createTime == CreateTime.REJECT) {
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
        cloudEvent.isRecognised()
            ? cloudEvent.event()
            : flatEvent.event(timestampMillis * 1000 + offset % 1000);
    return decoded instanceof UserEvent event ? placed(event, key, timestampMillis) : decoded;
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

  /**
   * Reads the document with both parsers. Returns the rejection if it cannot be read, else null.
   */
  private Rejection read(byte[] value) {
    cloudEvent.clear();
    flatEvent.clear();
    try (JsonParser parser = JSON.createParser(value)) {
      JsonToken first = parser.nextToken();
      if (first == null) {
        return new Rejection(Rejection.Code.NOT_JSON, "", "The value is blank");
      }
      if (first == JsonToken.START_OBJECT) {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          parser.nextToken();
          // A member may belong to both formats ("id"). The format is known only at the end.
          boolean read = cloudEvent.read(name, parser);
          read |= flatEvent.read(name, parser);
          if (!read) {
            parser.skipChildren();
          }
        }
      } else {
        parser.skipChildren();
      }
      if (parser.nextToken() != null) {
        return new Rejection(
            Rejection.Code.NOT_JSON, "", "The value holds more than one JSON document");
      }
      return first == JsonToken.START_OBJECT
          ? null
          : new Rejection(Rejection.Code.NOT_AN_EVENT, "", "The value is JSON, but not an object");
    } catch (StreamConstraintsException limitExceeded) {
      return new Rejection(
          Rejection.Code.TOO_LARGE,
          "",
          "The document exceeds a limit of the parser: depth 1,000, or the length of a number or text");
    } catch (JsonParseException malformed) {
      boolean repeated = malformed.getOriginalMessage().startsWith("Duplicate field");
      return new Rejection(
          Rejection.Code.NOT_JSON,
          "",
          (repeated ? "The document repeats a key" : "The value is not well-formed JSON")
              + " (at byte "
              + malformed.getLocation().getByteOffset()
              + ")");
    } catch (IOException malformed) {
      return new Rejection(Rejection.Code.NOT_JSON, "", "The value is not well-formed JSON");
    }
  }
}
