package io.foldlog.local.servers;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A configuration file of a server, with {@code ${name}} where a value goes. */
record Template(String name) {

  private static final Pattern PLACE = Pattern.compile("\\$\\{([a-z-]+)}");

  /** The text with every place filled; a place without a value is a bug. */
  String render(Map<String, Object> values) {
    return PLACE
        .matcher(text())
        .replaceAll(
            place -> {
              Object value = values.get(place.group(1));
              if (value == null) {
                throw new IllegalArgumentException(name + " asks for " + place.group());
              }
              return Matcher.quoteReplacement(value.toString());
            });
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
