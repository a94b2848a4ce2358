package io.foldlog.local.servers;

import java.util.stream.Collectors;

/** Values of Java's properties files, which Kafka and S3Proxy read as ISO 8859-1. */
final class ServerProperties {

  private ServerProperties() {}

  /** Escapes the backslash and all characters outside of ASCII. */
  static String escape(String value) {
    return value
        .chars()
        .mapToObj(
            unit ->
                unit == '\\'
                    ? "\\\\"
                    : unit < 0x7F ? Character.toString(unit) : "\\u%04X".formatted(unit))
        .collect(Collectors.joining());
  }
}
