package io.foldlog.contract;

import java.util.Optional;
import java.util.UUID;

/** User ids as text: the 36-character form of a UUID, in upper or lower case. */
final class UserId {

  private static final int LENGTH = 36;

  private UserId() {}

  /** The id; empty for any other form, even if {@link UUID#fromString} accepts it. */
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

  /** Whether a record's key is the text of the id. */
  static boolean isKeyOf(UUID id, byte[] key) {
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
