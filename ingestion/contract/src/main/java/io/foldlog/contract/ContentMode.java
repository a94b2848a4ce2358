package io.foldlog.contract;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * How a record contains its event: what its headers say. The rules are those of the CloudEvents
 * 1.0.2 Kafka protocol binding, sections 3 and 3.2.
 */
final class ContentMode {

  /** The prefix of the headers that are attributes. */
  static final String ATTRIBUTE_PREFIX = "ce_";

  static final String CONTENT_TYPE = "content-type";

  enum Kind {
    /** The value is a CloudEvent, as {@code content-type} declares. */
    STRUCTURED,
    /** The headers are the attributes, and the value is the data. */
    BINARY,
    /** The value decides: an object with {@code specversion} is a CloudEvent, others are flat. */
    UNDECLARED
  }

  private static final String CLOUD_EVENT = "application/cloudevents";
  private static final String BATCH = CLOUD_EVENT + "-batch";
  private static final String SPEC_VERSION = ATTRIBUTE_PREFIX + "specversion";

  private static final byte[] PRODUCER_CONTENT_TYPE =
      EventEncoder.CONTENT_TYPE.getBytes(StandardCharsets.UTF_8);

  private Kind kind = Kind.UNDECLARED;
  private Rejection rejection;

  /** Reads the headers of a record. */
  void read(List<RecordHeader> headers) {
    kind = Kind.UNDECLARED;
    rejection = null;
    if (headers.isEmpty()) {
      return;
    }
    int contentTypes = 0;
    String mediaType = null;
    for (RecordHeader header : headers) {
      if (header.name().equals(SPEC_VERSION)) {
        kind = Kind.BINARY;
      } else if (header.name().equals(CONTENT_TYPE)) {
        contentTypes++;
        String other = mediaType(header);
        mediaType = mediaType != null && mediaType.startsWith(CLOUD_EVENT) ? mediaType : other;
      }
    }
    boolean isStructured = mediaType != null && mediaType.startsWith(CLOUD_EVENT);
    if (contentTypes > 1 && (isStructured || kind == Kind.BINARY)) {
      rejection =
          new Rejection(Rejection.Code.BAD_VALUE, CONTENT_TYPE, "Header content-type is repeated");
    } else if (isStructured) {
      kind = Kind.STRUCTURED;
      rejection = unsupported(mediaType);
    }
  }

  /** The producer's own content type is recognised by its bytes: it is in most records. */
  private static String mediaType(RecordHeader header) {
    return Arrays.equals(header.value(), PRODUCER_CONTENT_TYPE)
        ? EventEncoder.CONTENT_TYPE
        : text(header).map(MediaType::withoutParameters).orElse("");
  }

  private static Rejection unsupported(String mediaType) {
    if (mediaType.equals(EventEncoder.CONTENT_TYPE)) {
      return null;
    }
    String message =
        mediaType.startsWith(BATCH)
            ? "Batches of CloudEvents are not supported: send one event in each record"
            : "Event format "
                + MediaType.forMessage(mediaType)
                + " is not supported, only "
                + EventEncoder.CONTENT_TYPE;
    return new Rejection(Rejection.Code.UNSUPPORTED_FORMAT, CONTENT_TYPE, message);
  }

  Kind kind() {
    return kind;
  }

  /** The reason why records with such headers are rejected, or null. */
  Rejection rejection() {
    return rejection;
  }

  /** The header's value; empty if it is absent or not text in UTF-8. */
  static Optional<String> text(RecordHeader header) {
    byte[] value = header.value();
    return value != null && Utf8.isWellFormedText(value)
        ? Optional.of(new String(value, StandardCharsets.UTF_8))
        : Optional.empty();
  }
}
