package io.foldlog.view;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A CQL resource file. A statement ends with a semicolon at the end of a line. Comments are lines
 * that start with {@code --}. {@code ${name}} is a placeholder.
 */
record CqlScript(String path, String text) {

  private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([a-z]+)}");

  static CqlScript ofResource(String path) {
    try (InputStream stream = CqlScript.class.getResourceAsStream(path)) {
      if (stream == null) {
        throw new IllegalStateException("No resource " + path);
      }
      return new CqlScript(path, new String(stream.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot read the resource " + path, failure);
    }
  }

  /** The statements in order, without semicolons and with the values of placeholders. */
  List<String> statements(Map<String, String> values) {
    String code =
        PLACEHOLDER
            .matcher(text.replaceAll("(?m)^\\s*--.*$", ""))
            .replaceAll(
                placeholder -> Matcher.quoteReplacement(value(values, placeholder.group(1))));
    return Arrays.stream(code.split("(?m);\\s*$"))
        .map(String::strip)
        .filter(statement -> !statement.isEmpty())
        .toList();
  }

  private String value(Map<String, String> values, String name) {
    String value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException(
          "%s has no value for the placeholder %s".formatted(path, name));
    }
    return value;
  }

  /** SHA-256 of the unchanged file, in hexadecimal. */
  String checksum() {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("Every Java platform has SHA-256", missing);
    }
  }
}
