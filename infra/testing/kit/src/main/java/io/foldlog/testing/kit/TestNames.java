package io.foldlog.testing.kit;

import java.util.concurrent.ThreadLocalRandom;

/** Names of topics, keyspaces and buckets on the shared servers. */
public final class TestNames {

  private TestNames() {}

  /**
   * Returns a name that no other test uses.
   *
   * @param prefix identifies the test: a lower-case letter, then lower-case letters, digits and
   *     underscores; at most 39 characters
   * @return the prefix, an underscore and eight random hexadecimal digits
   */
  public static String unique(String prefix) {
    if (!prefix.matches("[a-z][a-z0-9_]{0,38}")) {
      throw new IllegalArgumentException(
          "Not a valid prefix of a topic and a keyspace name: " + prefix);
    }
    return "%s_%08x".formatted(prefix, ThreadLocalRandom.current().nextInt());
  }
}
