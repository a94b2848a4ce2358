package io.foldlog.runtime;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * What is left of an application that has ended. As JSON it is the file of {@code --result}:
 * orchestration reads that, and never the text that an application prints.
 *
 * @param application the command and its sub-command, such as {@code batch-layer nightly}
 * @param status its exit status
 * @param message the sentence that its user saw on standard error; empty for none
 * @param output what it printed, where the caller kept that; it is not part of the JSON
 * @param started when it was started
 * @param ended when it ended
 * @param result the command's typed result, if it has one
 */
public record ApplicationResult(
    String application,
    ExitStatus status,
    String message,
    String output,
    Instant started,
    Instant ended,
    Optional<Object> result) {

  private static final ObjectMapper JSON =
      new ObjectMapper()
          .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .setDefaultPropertyInclusion(JsonInclude.Include.NON_NULL)
          .enable(SerializationFeature.INDENT_OUTPUT);

  public ApplicationResult {
    Objects.requireNonNull(application);
    Objects.requireNonNull(status);
    Objects.requireNonNull(message);
    Objects.requireNonNull(output);
    Objects.requireNonNull(started);
    Objects.requireNonNull(ended);
    Objects.requireNonNull(result);
  }

  /** Whether the application ended with {@link ExitStatus#SUCCESS}. */
  public boolean isSuccess() {
    return status == ExitStatus.SUCCESS;
  }

  /**
   * The typed result.
   *
   * @throws IllegalStateException when there is none of this type; the message holds what the
   *     application said
   */
  public <T> T result(Class<T> type) {
    return result
        .filter(type::isInstance)
        .map(type::cast)
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "%s has no result of type %s. status=%s message=%s%n%s"
                        .formatted(application, type.getSimpleName(), status, message, output)));
  }

  /** The document of {@code --result}; the names of the typed result are in snake case. */
  public ObjectNode toJson() {
    ObjectNode document = JSON.createObjectNode();
    document.put("application", application);
    document.put("status", status.name());
    document.put("exit_code", status.code());
    document.put("retryable", status.retryable());
    document.put("message", message);
    document.put("started", started.toString());
    document.put("ended", ended.toString());
    result.ifPresent(value -> document.set("result", JSON.valueToTree(value)));
    return document;
  }

  /** A typed result as JSON; its names are in snake case. */
  static String json(Object result) {
    return JSON.valueToTree(result).toPrettyString();
  }

  /**
   * Writes the document, whole or not at all.
   *
   * @throws IOException when the file cannot be written
   */
  void write(Path file) throws IOException {
    AtomicFile.write(file, JSON.writeValueAsString(toJson()) + "\n");
  }
}
