package io.foldlog.contract;

import java.util.Objects;

/**
 * The reason why a record is not an event. Contains no personal data: the message states the field
 * and the rule, never the value.
 *
 * @param code the reason code
 * @param field the invalid attribute, JSON member or header; empty if the whole record is invalid
 * @param message the field and the rule as text
 */
public record Rejection(Code code, String field, String message) implements DecodeResult {

  /** The reason codes. Headers of dead letters contain the names, so they are never renamed. */
  public enum Code {
    /** The value is not one well-formed JSON document in UTF-8, or repeats a key. */
    NOT_JSON,
    /** The value is empty, or JSON but not an object. */
    NOT_AN_EVENT,
    /** {@code type} or {@code specversion} is not supported by this release. */
    UNKNOWN_TYPE,
    /** A content mode, event format, data content type or frame that this release does not read. */
    UNSUPPORTED_FORMAT,
    /** A required attribute or member is absent. */
    MISSING_FIELD,
    /** A value has the wrong type, format or range. */
    BAD_VALUE,
    /** The record's key is not the event's user id. */
    KEY_MISMATCH,
    /** The event's time is before 2000 or more than 5 minutes past the record's timestamp. */
    TIME_OUT_OF_RANGE,
    /** The record's timestamp is the producer's, and the settings do not trust it. */
    CLOCK_UNTRUSTED,
    /** A text of more than 1,024 bytes of UTF-8, or a document beyond the parser's limits. */
    TOO_LARGE,
    /**
     * An operator skipped the record, because no process could handle it. The decoder never returns
     * this code.
     */
    SKIPPED_BY_OPERATOR
  }

  public Rejection {
    Objects.requireNonNull(code);
    Objects.requireNonNull(field);
    Objects.requireNonNull(message);
  }
}
