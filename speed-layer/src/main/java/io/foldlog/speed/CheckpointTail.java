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
 * The last record that was read of each partition; kept as a file of its own in the checkpoint's
 * folder. Offsets alone do not tell a log that lost its end, and was written on since, from the one
 * that was read: the new records in the lost ones' places would never be read.
 *
 * @param byPartition unmodifiable
 */
record CheckpointTail(@JsonProperty("last-records") SortedMap<Integer, Last> byPartition) {

  /**
   * A record.
   *
   * @param offset where it stands
   * @param fingerprint of it ({@link io.foldlog.log.LogRecord#fingerprint})
   */
  record Last(@JsonProperty("offset") long offset, @JsonProperty("fingerprint") long fingerprint) {}

  /** Of a checkpoint under which nothing was read. */
  static final CheckpointTail NONE = new CheckpointTail(new TreeMap<>());

  static final String FILE_NAME = "tail.json";

  private static final ObjectMapper JSON =
      new ObjectMapper().configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);

  CheckpointTail {
    byPartition = Collections.unmodifiableSortedMap(new TreeMap<>(byPartition));
  }

  /**
   * What the folder says; empty when it says nothing, as those of earlier releases.
   *
   * @throws JsonProcessingException when it cannot be read
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
