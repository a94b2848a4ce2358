package io.foldlog.contract;

import java.util.Optional;
import java.util.UUID;

/** User ids as text: 36 characters, hyphens in their places, either case of hexadecimal. */
final class UserId {

  private static final int LENGTH = 36;

  private UserId() {}

  /** The id, or none for any other spelling (which {@link UUID#fromString} would accept). */
  static Optional<UUID> parse(CharSequence text) {
    if (text.length() != LENGTH) {
      return Optional.empty();
    }
    long most = 0;
    long least = 0;
    for (int index = 0; index < LENGTH; index++) {
      char character = text.charAt(index);
      if (index == 8 || index == 13 || index == 18 || index == 23) {
        if (character != '-') {
          return Optional.empty();
        }
        continue;
      }
      int digit = character <= 'f' ? Character.digit(character, 16) : -1;
      if (digit < 0) {
        return Optional.empty();
      }
      if (index < 18) {
        most = most << 4 | digit;
      } else {
        least = least << 4 | digit;
      }
    }
    return Optional.of(new UUID(most, least));
  }

  /** Whether a record's key spells that id. */
  static boolean isSpelledBy(UUID id, byte[] key) {
    if (key.length != LENGTH) {
      return false;
    }
    int shift = 60;
    long half = id.getMostSignificantBits();
    for (int index = 0; index < LENGTH; index++) {
      if (index == 8 || index == 13 || index == 18 || index == 23) {
        if (key[index] != '-') {
          return false;
        }
        if (index == 18) {
          half = id.getLeastSignificantBits();
          shift = 60;
        }
        continue;
      }
      if (key[index] < 0 || Character.digit((char) key[index], 16) != (half >>> shift & 0xF)) {
        return false;
      }
      shift -= 4;
    }
    return true;
  }
}
