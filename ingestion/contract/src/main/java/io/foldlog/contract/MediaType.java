package io.foldlog.contract;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Media types as in RFC 2046, without their parameters. A {@code charset} has no effect on JSON,
 * which is always UTF-8 (RFC 8259, section 11).
 */
final class MediaType {

  private static final Pattern NAME = Pattern.compile("[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+");
  private static final int MAX_LENGTH = 127;

  private MediaType() {}

  /** Type and subtype in lower case. */
  static String withoutParameters(String contentType) {
    int end = contentType.indexOf(';');
    return (end < 0 ? contentType : contentType.substring(0, end)).strip().toLowerCase(Locale.ROOT);
  }

  /** Whether a media type without parameters declares JSON (JSON event format, section 3.1.1). */
  static boolean isJson(String mediaType) {
    return mediaType.endsWith("/json") || (mediaType.contains("/") && mediaType.endsWith("+json"));
  }

  /** The media type for a message; other text is not quoted, because it may be personal data. */
  static String forMessage(String mediaType) {
    return mediaType.length() <= MAX_LENGTH && NAME.matcher(mediaType).matches()
        ? mediaType
        : "(not a media type)";
  }
}
