package io.foldlog.log;

import io.foldlog.contract.DecodeResult;
import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.RawRecord;
import io.foldlog.contract.RecordHeader;
import io.foldlog.contract.TimestampSource;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.apache.kafka.common.header.Header;

/**
 * A record of the log. Its arrays are shared and must not be modified. {@code key} and {@code
 * value} are null if the record has none, as the decoder expects.
 */
public final class LogRecord {

  private static final byte[] EMPTY = {};

  private final RecordId id;
  private final TimestampSource timestampSource;
  private final long timestampMillis;
  private final byte[] key;
  private final byte[] value;
  private final List<Header> headers;

  public LogRecord(
      RecordId id,
      TimestampSource timestampSource,
      long timestampMillis,
      byte[] key,
      byte[] value,
      List<Header> headers) {
    this.id = Objects.requireNonNull(id);
    this.timestampSource = Objects.requireNonNull(timestampSource);
    this.timestampMillis = timestampMillis;
    this.key = key;
    this.value = value;
    this.headers = List.copyOf(headers);
  }

  /** The record without key, value and headers. */
  LogRecord withoutContent() {
    return new LogRecord(id, timestampSource, timestampMillis, null, null, List.of());
  }

  public RecordId id() {
    return id;
  }

  public int partition() {
    return id.partition();
  }

  public long offset() {
    return id.offset();
  }

  /** The clock that set the timestamp. */
  public TimestampSource timestampSource() {
    return timestampSource;
  }

  /** The record's timestamp, ms since 1970. */
  public long timestampMillis() {
    return timestampMillis;
  }

  /** The key, or null. */
  public byte[] key() {
    return key;
  }

  /** The value, or null. */
  public byte[] value() {
    return value;
  }

  /** The headers in their order. Names may repeat, and values may be null. */
  public List<Header> headers() {
    return headers;
  }

  /** Decodes the record with the given decoder. */
  public DecodeResult decodeWith(EventDecoder decoder) {
    List<RecordHeader> raw =
        headers.isEmpty()
            ? List.of()
            : headers.stream()
                .map(header -> new RecordHeader(header.key(), header.value()))
                .toList();
    return decoder.decode(
        new RawRecord(key, value, raw, timestampSource, timestampMillis, offset()));
  }

  /**
   * A CRC-32C checksum over timestamp, key and value. It detects that another record has the same
   * id. It does not protect against deliberate collisions.
   */
  public long fingerprint() {
    return fingerprint(timestampMillis, key, value);
  }

  /** The {@link #fingerprint()} of a record with that timestamp, key and value. */
  public static long fingerprint(long timestampMillis, byte[] key, byte[] value) {
    CRC32C sum = new CRC32C();
    sum.update(
        ByteBuffer.allocate(2 * Long.BYTES)
            .putLong(timestampMillis)
            .putLong(key == null ? -1 : key.length)
            .flip());
    sum.update(key == null ? EMPTY : key);
    sum.update(value == null ? EMPTY : value);
    return sum.getValue();
  }

  /** The id of the record, without personal data. */
  @Override
  public String toString() {
    return "record " + id;
  }
}
