package io.foldlog.speed;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foldlog.contract.PipelineException;
import io.foldlog.log.LogPosition;
import io.foldlog.log.PoisonRecords;
import io.foldlog.log.RecordId;
import io.foldlog.log.TopicMetadata;
import io.foldlog.runtime.AtomicFile;
import io.foldlog.speed.errors.SpeedLayerErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoint folder: the layer's own position in the log, and below it a checkpoint of Spark
 * that is new at each start. Spark's checkpoint cannot say where to continue: in continuous mode it
 * does not move past offsets without a record, such as those of transaction markers.
 *
 * <p>A checkpoint belongs to one trigger and one topic. Any mismatch stops the query, because it
 * could otherwise skip records without notice. A start with a new checkpoint is always safe,
 * because every event carries its own time.
 */
final class Checkpoint implements PoisonRecords.Memory {

  static final String POSITION_FILE = "position.json";
  private static final String EXHAUSTED_FILE = "resource-exhausted-at.txt";

  private static final Logger LOG = LoggerFactory.getLogger(Checkpoint.class);
  private static final ObjectMapper JSON =
      new ObjectMapper().configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);

  private static final String SPARK_FOLDER = "spark";

  /** What earlier releases, which continued at Spark's own offsets, left in the folder. */
  private static final List<String> FILES_OF_EARLIER_RELEASES =
      List.of("commits", "metadata", ".metadata.crc", "offsets", "sources", "tail.json");

  private final Path folder;

  Checkpoint(Path folder) {
    this.folder = folder;
  }

  Path folder() {
    return folder;
  }

  /**
   * Binds a new checkpoint, or checks the binding of an existing one.
   *
   * @param decodeVersion of the decode rules of this run
   * @throws PipelineException state mismatch, if the checkpoint belongs to another trigger or
   *     topic, or the folder is not a checkpoint of the speed layer
   */
  void bind(TriggerMode trigger, TopicMetadata log, int decodeVersion) {
    try {
      Optional<CheckpointBinding> bound = CheckpointBinding.read(folder);
      if (bound.isEmpty() && !isEmpty()) {
        throw SpeedLayerErrors.folderIsNotACheckpoint(folder, CheckpointBinding.FILE_NAME);
      }
      if (bound.isPresent()) {
        check(bound.get(), trigger, log, decodeVersion);
      }
      CheckpointBinding binding =
          new CheckpointBinding(trigger.settingName(), log.topic(), log.topicId(), decodeVersion);
      if (!bound.equals(Optional.of(binding))) {
        binding.write(folder);
      }
    } catch (IOException failure) {
      throw SpeedLayerErrors.checkpointIsNotAccessible(folder, failure);
    }
  }

  private void check(
      CheckpointBinding bound, TriggerMode trigger, TopicMetadata log, int decodeVersion) {
    if (!bound.trigger().equals(trigger.settingName())) {
      throw SpeedLayerErrors.checkpointOfAnotherTrigger(
          folder, bound.trigger(), trigger.settingName());
    }
    if (!bound.topic().equals(log.topic())) {
      throw SpeedLayerErrors.checkpointOfAnotherTopic(folder, bound.topic(), log.topic());
    }
    if (!bound.topicId().equals(log.topicId())) {
      throw SpeedLayerErrors.topicWasCreatedAgain(
          log.topic(), folder, bound.topicId(), log.topicId());
    }
    if (bound.decodeVersion() != decodeVersion) {
      LOG.warn(
          "event=decode_version_changed decode_version={} before={} action=\"the next reconcile folds the old records again\"",
          decodeVersion,
          bound.decodeVersion());
    }
  }

  /**
   * Locks the checkpoint for one query. The lock ends with the process at the latest.
   *
   * @throws PipelineException unavailable, if another query uses the checkpoint
   */
  CheckpointLock lock() {
    try {
      return CheckpointLock.tryLock(folder)
          .orElseThrow(() -> SpeedLayerErrors.checkpointIsInUse(folder));
    } catch (IOException failure) {
      throw SpeedLayerErrors.checkpointIsNotAccessible(folder, failure);
    }
  }

  /**
   * The stored position, at which the next start continues; empty for a new checkpoint and for one
   * of an earlier release.
   *
   * @throws PipelineException state mismatch, if the file is damaged
   */
  Optional<LogPosition> position() {
    Path file = folder.resolve(POSITION_FILE);
    try {
      if (Files.isRegularFile(file)) {
        return Optional.of(JSON.readValue(file.toFile(), LogPosition.class));
      }
      if (FILES_OF_EARLIER_RELEASES.stream().anyMatch(name -> Files.exists(folder.resolve(name)))) {
        LOG.info(
            "event=checkpoint_of_earlier_release checkpoint={} action=\"reads the log from its beginning, which is safe because every event carries its own time\"",
            folder);
      }
      return Optional.empty();
    } catch (JsonProcessingException unreadable) {
      throw SpeedLayerErrors.checkpointFileIsUnreadable(folder, POSITION_FILE, unreadable);
    } catch (IOException failure) {
      throw SpeedLayerErrors.checkpointIsNotAccessible(folder, failure);
    }
  }

  /**
   * Replaces the stored position.
   *
   * @throws PipelineException as {@link #requireExists}; usage error, if it cannot be written
   */
  void store(LogPosition position) {
    requireExists();
    try {
      AtomicFile.write(
          folder.resolve(POSITION_FILE),
          JSON.writerWithDefaultPrettyPrinter().writeValueAsString(position) + "\n");
    } catch (IOException failure) {
      throw SpeedLayerErrors.checkpointIsNotAccessible(folder, failure);
    }
  }

  /** Whether the last start ended for lack of heap. */
  boolean hasExhaustedHeap() {
    return Files.exists(folder.resolve(EXHAUSTED_FILE));
  }

  /** Forgets that the last start ended for lack of heap. */
  void clearExhaustedHeap() {
    try {
      Files.deleteIfExists(folder.resolve(EXHAUSTED_FILE));
    } catch (IOException failure) {
      throw SpeedLayerErrors.checkpointIsNotAccessible(folder, failure);
    }
  }

  @Override
  public Optional<RecordId> exhaustedAt() {
    Path file = folder.resolve(EXHAUSTED_FILE);
    try {
      return Files.isRegularFile(file)
          ? RecordId.parse(Files.readString(file).strip())
          : Optional.empty();
    } catch (IOException failure) {
      throw SpeedLayerErrors.checkpointIsNotAccessible(folder, failure);
    }
  }

  @Override
  public void storeExhaustedAt(Optional<RecordId> record) {
    try {
      AtomicFile.write(
          folder.resolve(EXHAUSTED_FILE), record.map(RecordId::toString).orElse("") + "\n");
    } catch (IOException failure) {
      throw SpeedLayerErrors.checkpointIsNotAccessible(folder, failure);
    }
  }

  /**
   * Checks that the checkpoint was not removed since it was bound.
   *
   * @throws PipelineException state mismatch, if it was removed
   */
  void requireExists() {
    if (!Files.exists(folder.resolve(CheckpointBinding.FILE_NAME))) {
      throw SpeedLayerErrors.checkpointWasRemoved(folder);
    }
  }

  /**
   * Removes the folders of Spark that earlier queries left. Requires the lock.
   *
   * @return a folder for Spark that does not exist yet
   */
  Path newSparkFolder() {
    Path spark = folder.resolve(SPARK_FOLDER);
    try {
      remove(spark);
      for (String name : FILES_OF_EARLIER_RELEASES) {
        remove(folder.resolve(name));
      }
    } catch (IOException failure) {
      throw SpeedLayerErrors.checkpointIsNotAccessible(folder, failure);
    }
    return spark.resolve(UUID.randomUUID().toString());
  }

  private static void remove(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  private boolean isEmpty() throws IOException {
    if (!Files.exists(folder)) {
      return true;
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.findAny().isEmpty();
    }
  }
}
