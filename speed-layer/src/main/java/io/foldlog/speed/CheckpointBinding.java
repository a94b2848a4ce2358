package io.foldlog.speed;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foldlog.runtime.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * The trigger and topic that a checkpoint belongs to. Stored as a file in the checkpoint's folder.
 *
 * @param trigger as in the settings; the checkpoints of the two triggers are not compatible
 * @param topic name of the topic
 * @param topicId Kafka's id of the topic
 * @param decodeVersion of the last run with this checkpoint
 */
record CheckpointBinding(
    @JsonProperty("trigger") String trigger,
    @JsonProperty("topic") String topic,
    @JsonProperty("topic-id") String topicId,
    @JsonProperty("decode-version") int decodeVersion) {

  static final String FILE_NAME = "binding.json";

  private static final ObjectMapper JSON =
      new ObjectMapper().configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);

  CheckpointBinding {
    Objects.requireNonNull(trigger);
    Objects.requireNonNull(topic);
    Objects.requireNonNull(topicId);
  }

  /** Reads the binding; empty if the file is missing or unreadable. */
  static Optional<CheckpointBinding> read(Path folder) throws IOException {
    Path file = folder.resolve(FILE_NAME);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readValue(file.toFile(), CheckpointBinding.class));
    } catch (JsonProcessingException unreadable) {
      return Optional.empty();
    }
  }

  void write(Path folder) throws IOException {
    AtomicFile.write(
        folder.resolve(FILE_NAME),
        JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n");
  }
}
