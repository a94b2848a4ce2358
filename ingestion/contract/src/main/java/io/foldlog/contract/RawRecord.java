package io.foldlog.contract;

import java.util.List;
import java.util.Objects;

/**
 * A Kafka record before it is decoded. The arrays are shared and must not be modified.
 *
 * @param key the record's key, or null
 * @param value the record's value, or null
 * @param headers the headers in their order
 * @param timestampSource the clock that set the timestamp
 * @param timestampMillis the record's timestamp, ms since 1970
 * @param offset the record's offset; it distinguishes events of the same millisecond that have no
 *     time of their own
 */
public record RawRecord(
    byte[] key,
    byte[] value,
    List<RecordHeader> headers,
    TimestampSource timestampSource,
    long timestampMillis,
    long offset) {

  public RawRecord {
    Objects.requireNonNull(headers);
    Objects.requireNonNull(timestampSource);
  }

  /** The time of an event that has none: the record's timestamp plus offset mod 1000, in µs. */
  public long placeMicros() {
    return timestampMillis * 1000 + offset % 1000;
  }
}
