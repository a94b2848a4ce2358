package io.foldlog.contract;

import java.util.Objects;

/**
 * Why a record is no event. Holds no personal data: the message names the field and the rule, never
 * the value.
 *
 * @param code the reason, to count and to select by
 * @param field the JSON member at fault, or an empty text where it is the whole record
 * @param message what is wrong
 */
public record Rejection(Code code, String field, String message) implements DecodeResult {

  /** The reasons; their names stand in dead letters' headers, so they are never renamed. */
  public enum Code {
    /** The value is not one well-formed JSON document in UTF-8, or repeats a key. */
    NOT_JSON,
    /** The value is empty, or JSON but no object. */
    NOT_AN_EVENT,
    /** {@code type} or {@code specversion} is one that this version does not know. */
    UNKNOWN_TYPE,
    /** An attribute or member that an event needs is absent. */
    MISSING_FIELD,
    /** A value of the wrong type, form or range. */
    BAD_VALUE,
    /** The record's key is not the event's user id. */
    KEY_MISMATCH,
    /** The event's time is before 2000 or more than 5 minutes past the record's timestamp. */
    TIME_OUT_OF_RANGE,
    /** The record's timestamp is the producer's, and the settings do not say to trust it. */
    CLOCK_UNTRUSTED,
    /** A text of more than 1,024 bytes of UTF-8, or a document beyond the parser's limits. */
    TOO_LARGE
  }

  public Rejection {
    Objects.requireNonNull(code);
    Objects.requireNonNull(field);
    Objects.requireNonNull(message);
  }
}
