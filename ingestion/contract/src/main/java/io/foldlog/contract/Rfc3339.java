package io.foldlog.contract;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * Parses and formats RFC 3339 times of the years 0001 to 9999. Parsing allocates no objects,
 * because it runs for every record.
 */
final class Rfc3339 {

  /** The result of parsing invalid text. */
  static final long INVALID = Long.MIN_VALUE;

  private static final long MIN_MICROS =
      Instant.parse("0001-01-01T00:00:00Z").getEpochSecond() * 1_000_000;
  private static final long MAX_MICROS =
      Instant.parse("9999-12-31T23:59:59Z").getEpochSecond() * 1_000_000 + 999_999;
  private static final DateTimeFormatter MICROS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter MILLIS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
  private static final int SECONDS_END = 19;

  private Rfc3339() {}

  /**
   * µs since 1970, or {@link #INVALID}. Any offset and any number of fraction digits are valid; the
   * time is floored to µs. A leap second is read as the last µs before it. It is valid at the end
   * of a UTC month, where ITU-R TF.460 allows it.
   */
  static long parseMicros(CharSequence text) {
    int length = text.length();
    if (length <= SECONDS_END
        || text.charAt(4) != '-'
        || text.charAt(7) != '-'
        || (text.charAt(10) | 0x20) != 't'
        || text.charAt(13) != ':'
        || text.charAt(16) != ':') {
      return INVALID;
    }
    int year = digits(text, 0, 4);
    int month = digits(text, 5, 7);
    int day = digits(text, 8, 10);
    int hour = digits(text, 11, 13);
    int minute = digits(text, 14, 16);
    int second = digits(text, 17, 19);
    if (year < 0
        || month < 1
        || month > 12
        || day < 1
        || day > daysOf(year, month)
        || hour < 0
        || hour > 23
        || minute < 0
        || minute > 59
        || second < 0
        || second > 60) {
      return INVALID;
    }
    int index = SECONDS_END;
    int fraction = 0;
    if (text.charAt(index) == '.') {
      int start = ++index;
      int scale = 100_000;
      while (index < length && isDigit(text.charAt(index))) {
        fraction += (text.charAt(index) - '0') * scale;
        scale /= 10;
        index++;
      }
      if (index == start) {
        return INVALID;
      }
    }
    int offsetSeconds = offsetSeconds(text, index);
    if (offsetSeconds == Integer.MIN_VALUE) {
      return INVALID;
    }
    long seconds =
        epochDay(year, month, day) * 86_400L + hour * 3600 + minute * 60 + second - offsetSeconds;
    if (second == 60 && !isStartOfMonth(seconds)) {
      return INVALID;
    }
    long micros = seconds * 1_000_000 + (second == 60 ? -1 : fraction);
    return micros < MIN_MICROS || micros > MAX_MICROS ? INVALID : micros;
  }

  /**
   * The UTC offset in seconds that starts at that index and ends the text; {@code
   * Integer.MIN_VALUE} if it is invalid.
   */
  private static int offsetSeconds(CharSequence text, int index) {
    int length = text.length();
    if (index + 1 == length && (text.charAt(index) | 0x20) == 'z') {
      return 0;
    }
    if (index + 6 != length || text.charAt(index + 3) != ':') {
      return Integer.MIN_VALUE;
    }
    int hours = digits(text, index + 1, index + 3);
    int minutes = digits(text, index + 4, index + 6);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
      return Integer.MIN_VALUE;
    }
    return switch (text.charAt(index)) {
      case '+' -> hours * 3600 + minutes * 60;
      case '-' -> -(hours * 3600 + minutes * 60);
      default -> Integer.MIN_VALUE;
    };
  }

  private static int digits(CharSequence text, int from, int to) {
    int value = 0;
    for (int index = from; index < to; index++) {
      char character = text.charAt(index);
      if (!isDigit(character)) {
        return -1;
      }
      value = value * 10 + (character - '0');
    }
    return value;
  }

  private static boolean isDigit(char character) {
    return character >= '0' && character <= '9';
  }

  private static int daysOf(int year, int month) {
    return switch (month) {
      case 4, 6, 9, 11 -> 30;
      case 2 -> year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
      default -> 31;
    };
  }

  /** Days since 1970 in the proleptic Gregorian calendar, counted in years that begin in March. */
  private static long epochDay(int year, int month, int day) {
    int shifted = month <= 2 ? year - 1 : year;
    int era = Math.floorDiv(shifted, 400);
    int yearOfEra = shifted - era * 400;
    int dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
    return era * 146_097L + dayOfEra - 719_468;
  }

  /** Whether a time, in seconds since 1970, is midnight UTC of the first day of a month. */
  private static boolean isStartOfMonth(long seconds) {
    return seconds % 86_400 == 0 && LocalDate.ofEpochDay(seconds / 86_400).getDayOfMonth() == 1;
  }

  /** Formats with 6 fraction digits and {@code Z}. */
  static String formatMicros(long micros) {
    return MICROS.format(
        Instant.ofEpochSecond(
            Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1000));
  }

  /** Formats with 3 fraction digits and {@code Z}. */
  static String formatMillis(long millis) {
    return MILLIS.format(Instant.ofEpochMilli(millis));
  }
}
