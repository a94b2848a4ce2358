package io.foldlog.contract;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;

/**
 * Normalises values and converts them to their CQL serialisation. Both layers, the producer and the
 * verifier compare and store these bytes.
 */
final class CqlCodec {

  static final int MAX_TEXT_BYTES = 1024;

  /**
   * The maximum length of text before normalisation, in UTF-16 units. Longer text always exceeds
   * {@link #MAX_TEXT_BYTES}: before normalisation, a character has at most three UTF-16 units for
   * each byte of its normal form.
   */
  static final int MAX_TEXT_UNITS = 3 * MAX_TEXT_BYTES;

  private static final char LAST_ASCII = 0x7F;
  private static final int MAX_DECIMAL_CHARACTERS = 400;

  private CqlCodec() {}

  static byte[] ofLong(long value) {
    byte[] bytes = new byte[Long.BYTES];
    for (int index = 0; index < Long.BYTES; index++) {
      bytes[index] = (byte) (value >>> (56 - 8 * index));
    }
    return bytes;
  }

  /** Trims the text and normalises it to NFC. Blank text is cleared. */
  static byte[] ofText(String text) throws InvalidValueException {
    char[] characters = text.toCharArray();
    return ofText(characters, 0, characters.length);
  }

  /** As {@link #ofText(String)}, from a parser's buffer. For ASCII it allocates only the result. */
  static byte[] ofText(char[] characters, int offset, int length) throws InvalidValueException {
    int start = offset;
    int end = offset + length;
    while (start < end && isWhiteSpace(characters[start])) {
      start++;
    }
    while (end > start && isWhiteSpace(characters[end - 1])) {
      end--;
    }
    if (start == end) {
      return UserEvent.cleared();
    }
    for (int index = start; index < end; index++) {
      char character = characters[index];
      if (character == 0) {
        throw new InvalidValueException(Rejection.Code.BAD_VALUE, "holds a NUL character");
      }
      if (character > LAST_ASCII) {
        return ofUnicode(new String(characters, start, end - start));
      }
    }
    requireSize(end - start);
    byte[] bytes = new byte[end - start];
    for (int index = 0; index < bytes.length; index++) {
      bytes[index] = (byte) characters[start + index];
    }
    return bytes;
  }

  /**
   * Whether the character is white space in Unicode or in Java. Java's own definition lacks the
   * no-break spaces and U+0085.
   */
  private static boolean isWhiteSpace(char character) {
    return Character.isWhitespace(character)
        || Character.isSpaceChar(character)
        || character == 0x85;
  }

  private static boolean isBlank(String text) {
    for (int index = 0; index < text.length(); index++) {
      if (!isWhiteSpace(text.charAt(index))) {
        return false;
      }
    }
    return true;
  }

  private static byte[] ofUnicode(String text) throws InvalidValueException {
    requireStorable(text);
    // before normalisation, which takes quadratic time
    requireSize(text.length() > MAX_TEXT_UNITS ? text.length() : 0);
    String normalised = Normalizer.normalize(text, Normalizer.Form.NFC);
    byte[] bytes = normalised.getBytes(StandardCharsets.UTF_8);
    requireSize(bytes.length);
    return bytes;
  }

  /** Checks text that is stored unchanged. It must be storable, not blank and not too large. */
  static void requireVerbatim(String text) throws InvalidValueException {
    requireStorable(text);
    if (text.isBlank()) {
      throw new InvalidValueException(Rejection.Code.BAD_VALUE, "is blank");
    }
    if (text.length() > MAX_TEXT_BYTES / 3) {
      requireSize(text.getBytes(StandardCharsets.UTF_8).length);
    }
  }

  private static void requireStorable(String text) throws InvalidValueException {
    for (int index = 0; index < text.length(); index++) {
      char character = text.charAt(index);
      if (character == 0) {
        throw new InvalidValueException(Rejection.Code.BAD_VALUE, "holds a NUL character");
      }
      if (Character.isSurrogate(character)) {
        if (index + 1 == text.length()
            || !Character.isSurrogatePair(character, text.charAt(index + 1))) {
          throw new InvalidValueException(Rejection.Code.BAD_VALUE, "holds a lone surrogate");
        }
        index++;
      }
    }
  }

  private static void requireSize(int bytes) throws InvalidValueException {
    if (bytes > MAX_TEXT_BYTES) {
      throw new InvalidValueException(
          Rejection.Code.TOO_LARGE, "is longer than " + MAX_TEXT_BYTES + " bytes of UTF-8");
    }
  }

  /** Converts RFC 3339 text. The time is floored to ms. Blank text is cleared. */
  static byte[] ofTimestamp(String text) throws InvalidValueException {
    if (isBlank(text)) {
      return UserEvent.cleared();
    }
    long micros = Rfc3339.parseMicros(text);
    if (micros == Rfc3339.INVALID) {
      throw new InvalidValueException(
          Rejection.Code.BAD_VALUE,
          "is not an RFC 3339 time of the years 0001 to 9999, such as 1992-02-07T17:56:13.316Z");
    }
    return ofLong(Math.floorDiv(micros, 1000));
  }

  /**
   * Converts decimal text such as {@code -34.9050}. Hexadecimal text and NaN are invalid. Blank
   * text is cleared.
   */
  static byte[] ofDecimal(UserField field, String text) throws InvalidValueException {
    if (isBlank(text)) {
      return UserEvent.cleared();
    }
    if (!isDecimal(text)) {
      throw new InvalidValueException(Rejection.Code.BAD_VALUE, "is not a decimal number");
    }
    return ofDouble(field, Double.parseDouble(text));
  }

  static byte[] ofDouble(UserField field, double value) throws InvalidValueException {
    if (!(Math.abs(value) <= field.bound())) {
      throw new InvalidValueException(
          Rejection.Code.BAD_VALUE,
          "is outside " + -(int) field.bound() + " to " + (int) field.bound() + " degrees");
    }
    return ofLong(Double.doubleToRawLongBits(value == 0 ? 0.0 : value));
  }

  /** Whether the text matches {@code [+-]digits[.digits][e[+-]digits]}. */
  private static boolean isDecimal(String text) {
    if (text.length() > MAX_DECIMAL_CHARACTERS) {
      return false;
    }
    int index = skipSign(text, 0);
    int digits = skipDigits(text, index);
    if (digits == index) {
      return false;
    }
    index = digits;
    if (index < text.length() && text.charAt(index) == '.') {
      index = skipDigits(text, index + 1);
      if (index == digits + 1) {
        return false;
      }
    }
    if (index < text.length() && (text.charAt(index) == 'e' || text.charAt(index) == 'E')) {
      int exponent = skipSign(text, index + 1);
      index = skipDigits(text, exponent);
      if (index == exponent) {
        return false;
      }
    }
    return index == text.length();
  }

  private static int skipSign(String text, int index) {
    return index < text.length() && (text.charAt(index) == '-' || text.charAt(index) == '+')
        ? index + 1
        : index;
  }

  private static int skipDigits(String text, int from) {
    int index = from;
    while (index < text.length() && text.charAt(index) >= '0' && text.charAt(index) <= '9') {
      index++;
    }
    return index;
  }
}
