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
 * The result of an application run. Its JSON form is the file of {@code --result}. Orchestration
 * reads that file and never the text that an application prints.
 *
 * @param application the command and its sub-command, such as {@code batch-layer nightly}
 * @param status its exit status
 * @param message the message on standard error; empty if there is none
 * @param output the text on standard output, if the caller captured it; not part of the JSON
 * @param started when the run started
 * @param ended when the run ended
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

  public boolean isSuccess() {
    return status == ExitStatus.SUCCESS;
  }

  /**
   * The typed result.
   *
   * @throws IllegalStateException when there is no result of this type; the message contains the
   *     application's message and output
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

  /** The document of {@code --result}. Property names of the typed result are in snake case. */
  public ObjectNode toJson() {
    ObjectNode document = JSON.createObjectNode();
    document.put("application", application);
    document.put("status", status.name());
    document.put("exit_code", status.code());
    document.put("retryable", status.isRetryable());
    document.put("message", message);
    document.put("started", started.toString());
    document.put("ended", ended.toString());
    result.ifPresent(value -> document.set("result", JSON.valueToTree(value)));
    return document;
  }

  /** A typed result as JSON. Property names are in snake case. */
  static String json(Object result) {
    return JSON.valueToTree(result).toPrettyString();
  }

  /**
   * Writes the document atomically.
   *
   * @throws IOException when the file cannot be written
   */
  void write(Path file) throws IOException {
    AtomicFile.write(file, JSON.writeValueAsString(toJson()) + "\n");
  }
}
