package io.foldlog.speed;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foldlog.runtime.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The last record that was read of each partition. Stored as a file in the checkpoint's folder. It
 * detects a log that lost its end and then got new records at the same offsets: the query would
 * never read these records, and offsets alone do not show the loss.
 *
 * @param byPartition unmodifiable
 */
record CheckpointTail(@JsonProperty("last-records") SortedMap<Integer, Last> byPartition) {

  /**
   * The last record of a partition.
   *
   * @param offset of the record
   * @param fingerprint of the record ({@link io.foldlog.log.LogRecord#fingerprint})
   */
  record Last(@JsonProperty("offset") long offset, @JsonProperty("fingerprint") long fingerprint) {}

  /** The tail of a checkpoint before the first record. */
  static final CheckpointTail NONE = new CheckpointTail(new TreeMap<>());

  static final String FILE_NAME = "tail.json";

  private static final ObjectMapper JSON =
      new ObjectMapper().configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);

  CheckpointTail {
    byPartition = Collections.unmodifiableSortedMap(new TreeMap<>(byPartition));
  }

  /**
   * Reads the tail; empty if the file is missing, as in checkpoints of earlier releases.
   *
   * @throws JsonProcessingException if the file cannot be parsed
   */
  static Optional<CheckpointTail> read(Path folder) throws IOException {
    Path file = folder.resolve(FILE_NAME);
    return Files.isRegularFile(file)
        ? Optional.of(JSON.readValue(file.toFile(), CheckpointTail.class))
        : Optional.empty();
  }

  void write(Path folder) throws IOException {
    AtomicFile.write(folder.resolve(FILE_NAME), JSON.writeValueAsString(this) + "\n");
  }
}
