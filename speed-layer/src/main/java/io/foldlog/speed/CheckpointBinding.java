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
 * What a checkpoint belongs to; kept as a file of its own in the checkpoint's folder.
 *
 * @param trigger as in the settings: continuous and micro-batch checkpoints mean different things
 * @param topic the log's name
 * @param topicId Kafka's id of the log
 * @param decodeVersion of the contract that last wrote under it
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

  /** What the folder says; empty when it says nothing that can be read. */
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
