package io.foldlog.producer;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.UUID;

/**
 * The seed of a run. Sources use the number that is derived from its text.
 *
 * @param text the text of {@code --seed}
 */
record Seed(String text) {

  Seed {
    Objects.requireNonNull(text);
  }

  /** A seed for a run without {@code --seed}. */
  static Seed random() {
    return new Seed(UUID.randomUUID().toString());
  }

  /** The first 8 bytes of the SHA-256 hash of the text in UTF-8. */
  long number() {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return ByteBuffer.wrap(hash).getLong();
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("Every Java platform has SHA-256", impossible);
    }
  }

  /**
   * The seed to send to the API: 16 hexadecimal digits, the format of the seeds that the API
   * generates. The length is fixed for two reasons. The API reads the last two characters of a seed
   * of 18 characters as a nationality. It appends the number of the page to the seed, so page 12 of
   * the seed {@code a} has the users of page 2 of the seed {@code a1}.
   *
   * @param part number of earlier seeds of the same run, because a seed has a limited number of
   *     pages
   */
  String forApi(long part) {
    return HexFormat.of().toHexDigits(number() + part);
  }
}
