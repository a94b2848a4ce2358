package io.foldlog.testing.kit;

import java.util.concurrent.ThreadLocalRandom;

/** Names of topics, keyspaces and buckets on servers that other tests use at the same time. */
public final class TestNames {

  private TestNames() {}

  /**
   * A name that no other test has.
   *
   * @param prefix says whose it is: lower-case letters, digits and underscores, a letter first, at
   *     most 39 characters
   * @return the prefix, an underscore and eight random hexadecimal digits
   */
  public static String unique(String prefix) {
    if (!prefix.matches("[a-z][a-z0-9_]{0,38}")) {
      throw new IllegalArgumentException("Not a prefix of a topic and of a keyspace: " + prefix);
    }
    return "%s_%08x".formatted(prefix, ThreadLocalRandom.current().nextInt());
  }
}
