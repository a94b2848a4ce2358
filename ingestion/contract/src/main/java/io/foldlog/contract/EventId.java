package io.foldlog.contract;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

/**
 * Derives an event's id from its content: a UUID of version 5 (RFC 9562) over source, user, type,
 * time and fields. The same event therefore has the same id wherever it is created.
 */
final class EventId {

  private static final byte[] NAMESPACE =
      bytesOf(UUID.fromString("5b0a1f7e-8f2c-4f3e-9d7a-2f6f0c1e4b90"));

  private EventId() {}

  static String of(String source, UUID userId, EventType type, long timeMicros, byte[][] values) {
    MessageDigest digest = sha1();
    digest.update(NAMESPACE);
    update(digest, source.getBytes(StandardCharsets.UTF_8));
    digest.update(bytesOf(userId));
    update(digest, type.wireBytes());
    digest.update(CqlCodec.ofLong(timeMicros));
    for (UserField field : UserField.data()) {
      byte[] value = values[field.ordinal()];
      if (value != null) {
        update(digest, field.columnName().getBytes(StandardCharsets.UTF_8));
        update(digest, value);
      }
    }
    ByteBuffer hash = ByteBuffer.wrap(digest.digest());
    long most = hash.getLong() & 0xFFFFFFFFFFFF0FFFL | 0x5000L;
    long least = hash.getLong() & 0x3FFFFFFFFFFFFFFFL | 0x8000000000000000L;
    return new UUID(most, least).toString();
  }

  private static void update(MessageDigest digest, byte[] bytes) {
    digest.update((byte) (bytes.length >>> 8));
    digest.update((byte) bytes.length);
    digest.update(bytes);
  }

  private static byte[] bytesOf(UUID id) {
    return ByteBuffer.allocate(16)
        .putLong(id.getMostSignificantBits())
        .putLong(id.getLeastSignificantBits())
        .array();
  }

  private static MessageDigest sha1() {
    try {
      return MessageDigest.getInstance("SHA-1");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("Every Java platform has SHA-1", impossible);
    }
  }
}
