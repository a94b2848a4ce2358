package io.foldlog.batch;

import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import io.foldlog.runtime.AtomicFile;
import io.foldlog.runtime.ExitStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The report of a run. Its JSON is the report file of the run and the result of the command.
 *
 * @param run the name of the run
 * @param command the command of the run
 * @param started when the run started
 * @param ended when the run ended
 * @param status the exit status of the run
 * @param message why the run failed; empty if it succeeded
 * @param steps the completed steps, in their order
 */
public record RunReport(
    String run,
    String command,
    Instant started,
    Instant ended,
    ExitStatus status,
    String message,
    List<Step> steps) {

  private static final ObjectMapper JSON =
      new ObjectMapper()
          .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .registerModule(new SimpleModule().addSerializer(new OptionalAsNullable()))
          .enable(SerializationFeature.INDENT_OUTPUT);

  /**
   * A completed step.
   *
   * @param name the name of its command
   * @param figures its typed result
   * @param took its duration
   */
  public record Step(String name, Object figures, Duration took) {

    public Step {
      Objects.requireNonNull(name);
      Objects.requireNonNull(figures);
      Objects.requireNonNull(took);
    }

    /** The result in one line, for the console. It omits lists, which the JSON contains. */
    String line() {
      return name + " " + entries(toJson());
    }

    private ObjectNode toJson() {
      ObjectNode section = JSON.valueToTree(figures);
      section.put("seconds", took.toMillis() / 1000.0);
      return section;
    }
  }

  public RunReport {
    Objects.requireNonNull(run);
    Objects.requireNonNull(command);
    Objects.requireNonNull(started);
    Objects.requireNonNull(ended);
    Objects.requireNonNull(status);
    Objects.requireNonNull(message);
    steps = List.copyOf(steps);
  }

  /** The result of the step with this result type. Empty if the step did not complete. */
  public <T> Optional<T> figures(Class<T> type) {
    return steps.stream().map(Step::figures).filter(type::isInstance).map(type::cast).findFirst();
  }

  /** The report as JSON. Each step is an object under its name. */
  @JsonValue
  public ObjectNode toJson() {
    ObjectNode root = JSON.createObjectNode();
    root.put("run", run);
    root.put("command", command);
    root.put("started", started.toString());
    steps.forEach(step -> root.set(step.name(), step.toJson()));
    root.put("ended", ended.toString());
    root.put("status", status.code());
    root.put("message", message);
    return root;
  }

  private static String entries(ObjectNode section) {
    List<String> entries = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : section.properties()) {
      JsonNode value = entry.getValue();
      if (value.isObject()) {
        value
            .properties()
            .forEach(
                inner -> add(entries, entry.getKey() + "." + inner.getKey(), inner.getValue()));
      } else {
        add(entries, entry.getKey(), value);
      }
    }
    return String.join(" ", entries);
  }

  private static void add(List<String> entries, String name, JsonNode value) {
    if (value.isValueNode() && !value.isNull() && !value.asText().isEmpty()) {
      entries.add(name + "=" + text(value));
    }
  }

  private static String text(JsonNode value) {
    String text = value.asText();
    return text.contains(" ") ? '"' + text + '"' : text;
  }

  /** The report as one line of JSON without lists, for the lake. */
  String summary() {
    ObjectNode root = toJson();
    for (Step step : steps) {
      ObjectNode section = (ObjectNode) root.get(step.name());
      List<String> lists = new ArrayList<>();
      section
          .properties()
          .forEach(
              entry -> {
                if (entry.getValue().isArray()) {
                  lists.add(entry.getKey());
                }
              });
      section.remove(lists);
    }
    return root.toString();
  }

  /** Writes the JSON to the folder atomically. */
  Path write(Path folder) {
    try {
      return AtomicFile.write(folder.resolve(run + ".json"), toJson().toPrettyString() + "\n");
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot write the report to " + folder, failure);
    }
  }

  /** Writes an empty Optional as null. */
  private static final class OptionalAsNullable extends StdSerializer<Optional<?>> {

    private static final long serialVersionUID = 1;

    OptionalAsNullable() {
      super(Optional.class, false);
    }

    @Override
    public void serialize(Optional<?> value, JsonGenerator generator, SerializerProvider provider)
        throws IOException {
      provider.defaultSerializeValue(value.orElse(null), generator);
    }
  }
}
