package io.foldlog.log;

import io.foldlog.contract.DecodeResult;
import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.RawRecord;
import io.foldlog.contract.RecordHeader;
import io.foldlog.contract.TimestampSource;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.apache.kafka.common.header.Header;

/**
 * A record of the log. Its arrays are shared and must not be modified. {@code key} and {@code
 * value} are null if the record has none, as the decoder expects.
 */
public final class LogRecord {

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

  /** The size of key, value and headers, in bytes. */
  public long bytes() {
    long bytes = size(key) + size(value);
    for (Header header : headers) {
      bytes += header.key().length() + size(header.value());
    }
    return bytes;
  }

  private static long size(byte[] bytes) {
    return bytes == null ? 0 : bytes.length;
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
   * A CRC-32C checksum over timestamp, key, value and headers. It detects that another record has
   * the same id. It does not protect against deliberate collisions.
   */
  public long fingerprint() {
    CRC32C sum = new CRC32C();
    sum.update(ByteBuffer.allocate(Long.BYTES).putLong(timestampMillis).flip());
    update(sum, key);
    update(sum, value);
    for (Header header : headers) {
      update(sum, header.key().getBytes(StandardCharsets.UTF_8));
      update(sum, header.value());
    }
    return sum.getValue();
  }

  /** Adds the length and the bytes, so that no two sequences of fields have the same input. */
  private static void update(CRC32C sum, byte[] bytes) {
    sum.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes == null ? -1 : bytes.length).flip());
    if (bytes != null) {
      sum.update(bytes);
    }
  }

  /** The id of the record, without personal data. */
  @Override
  public String toString() {
    return "record " + id;
  }
}
