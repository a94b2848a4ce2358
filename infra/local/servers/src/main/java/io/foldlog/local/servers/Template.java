package io.foldlog.local.servers;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A configuration file of a server with placeholders {@code ${name}}. */
record Template(String name) {

  private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([a-z-]+)}");

  /**
   * Replaces every placeholder. Paths are escaped for the kind of the file.
   *
   * @throws IllegalArgumentException if a placeholder has no value
   */
  String render(Map<String, Object> values) {
    return PLACEHOLDER
        .matcher(text())
        .replaceAll(
            match -> {
              Object value = values.get(match.group(1));
              if (value == null) {
                throw new IllegalArgumentException(name + " asks for " + match.group());
              }
              return Matcher.quoteReplacement(
                  value instanceof Path path ? escape(path.toString()) : value.toString());
            });
  }

  private String escape(String path) {
    if (name.endsWith(".properties")) {
      return ServerProperties.escape(path);
    }
    return name.endsWith(".yaml") ? path.replace("\\", "\\\\").replace("\"", "\\\"") : path;
  }

  private String text() {
    try (InputStream stream = Template.class.getResourceAsStream(name)) {
      if (stream == null) {
        throw new IllegalStateException("No resource " + name);
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot read the resource " + name, failure);
    }
  }
}
