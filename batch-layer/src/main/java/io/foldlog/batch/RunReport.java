package io.foldlog.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What a run did, step by step: for a person as lines, for a program as JSON. */
public final class RunReport {

  private static final ObjectMapper JSON =
      new ObjectMapper()
          .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT);

  private final String run;
  private final String command;
  private final Instant started = Instant.now();
  private final ObjectNode root = JSON.createObjectNode();

  RunReport(String run, String command) {
    this.run = run;
    this.command = command;
    root.put("run", run);
    root.put("command", command);
    root.put("started", started.toString());
  }

  String run() {
    return run;
  }

  String command() {
    return command;
  }

  Instant started() {
    return started;
  }

  /** Adds what a step says of itself and how long it took; prints it as a line. */
  void add(String step, Object figures, Duration took) {
    ObjectNode section = JSON.valueToTree(figures);
    section.put("seconds", took.toMillis() / 1000.0);
    root.set(step, section);
    System.out.println(step + " " + line(section));
  }

  void end(int status, String message) {
    root.put("ended", Instant.now().toString());
    root.put("status", status);
    root.put("message", message);
  }

  /** Figures and short texts; lists and nested objects are for the JSON. */
  private static String line(ObjectNode section) {
    List<String> entries = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : section.properties()) {
      JsonNode value = entry.getValue();
      if (value.isObject()) {
        value
            .properties()
            .forEach(inner -> entries.add(inner.getKey() + "=" + text(inner.getValue())));
      } else if (value.isValueNode() && !value.isNull() && !value.asText().isEmpty()) {
        entries.add(entry.getKey() + "=" + text(value));
      }
    }
    return String.join(" ", entries);
  }

  private static String text(JsonNode value) {
    String text = value.asText();
    return text.contains(" ") ? '"' + text + '"' : text;
  }

  String json() {
    return root.toPrettyString();
  }

  /** As one line without the lists, for the lake. */
  String summary() {
    ObjectNode copy = root.deepCopy();
    copy.properties()
        .forEach(
            entry -> {
              if (entry.getValue() instanceof ObjectNode section) {
                List<String> lists = new ArrayList<>();
                section
                    .properties()
                    .forEach(
                        inner -> {
                          if (inner.getValue().isArray()) {
                            lists.add(inner.getKey());
                          }
                        });
                section.remove(lists);
              }
            });
    return copy.toString();
  }

  /** Writes the report; a reader never sees half of it. */
  Path write(Path folder) {
    try {
      Files.createDirectories(folder);
      Path file = folder.resolve(run + ".json");
      Path half = folder.resolve(run + ".json.part");
      Files.writeString(half, json() + "\n");
      return Files.move(half, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot write the report to " + folder, failure);
    }
  }
}
