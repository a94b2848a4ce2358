package io.foldlog.contract;

/**
 * Validates UTF-8 as defined by RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
 */
final class Utf8 {

  private Utf8() {}

  /**
   * Whether the bytes are well-formed UTF-8 without NUL. With a NUL, the JSON parser could detect
   * UTF-16.
   */
  static boolean isWellFormedText(byte[] bytes) {
    int index = 0;
    while (index < bytes.length) {
      int lead = bytes[index++];
      if (lead > 0) {
        continue;
      }
      int unsigned = lead & 0xFF;
      int following;
      int low = 0x80;
      int high = 0xBF;
      if (unsigned >= 0xC2 && unsigned <= 0xDF) {
        following = 1;
      } else if (unsigned >= 0xE0 && unsigned <= 0xEF) {
        following = 2;
        low = unsigned == 0xE0 ? 0xA0 : low;
        high = unsigned == 0xED ? 0x9F : high;
      } else if (unsigned >= 0xF0 && unsigned <= 0xF4) {
        following = 3;
        low = unsigned == 0xF0 ? 0x90 : low;
        high = unsigned == 0xF4 ? 0x8F : high;
      } else {
        return false;
      }
      if (index + following > bytes.length) {
        return false;
      }
      int second = bytes[index] & 0xFF;
      if (second < low || second > high) {
        return false;
      }
      for (int rest = 1; rest < following; rest++) {
        if ((bytes[index + rest] & 0xC0) != 0x80) {
          return false;
        }
      }
      index += following;
    }
    return true;
  }
}
