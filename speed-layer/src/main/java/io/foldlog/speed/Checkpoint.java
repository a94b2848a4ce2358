package io.foldlog.speed;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foldlog.contract.PipelineException;
import io.foldlog.log.EventTopic;
import io.foldlog.log.LogOffsets;
import io.foldlog.log.TopicMetadata;
import io.foldlog.speed.errors.SpeedLayerErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoint folder of Spark: {@code offsets/N} contains the end offsets of batch or epoch N,
 * and {@code commits/N} exists when all of its records are written. A checkpoint belongs to one
 * trigger and one topic. Any mismatch stops the query, because it could otherwise skip records
 * without notice. A start with a new checkpoint is always safe, because every event carries its own
 * time.
 */
final class Checkpoint {

  private static final Logger LOG = LoggerFactory.getLogger(Checkpoint.class);
  private static final ObjectMapper JSON = new ObjectMapper();

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
    requireTopic(bound.topicId(), log);
    if (bound.decodeVersion() != decodeVersion) {
      LOG.warn(
          "event=decode_version_changed decode_version={} before={} action=\"the next reconcile folds the old records again\"",
          decodeVersion,
          bound.decodeVersion());
    }
  }

  private void requireTopic(String boundId, TopicMetadata log) {
    if (!boundId.equals(log.topicId())) {
      throw SpeedLayerErrors.topicWasCreatedAgain(log.topic(), folder, boundId, log.topicId());
    }
  }

  /**
   * The committed offsets, at which the next start continues. The offset of a partition without a
   * commit is 0.
   *
   * @param beginning the log's current beginning offsets
   * @param end the log's current end offsets
   * @throws PipelineException state mismatch, if the log does not hold the records after the
   *     committed offsets, or no longer holds records that were read
   */
  LogOffsets committed(LogOffsets beginning, LogOffsets end) {
    try {
      OptionalLong last = latest("commits");
      SortedMap<Integer, Long> written =
          last.isPresent() ? offsets(last.getAsLong()) : new TreeMap<>();
      OptionalLong planned = latest("offsets");
      SortedMap<Integer, Long> known = planned.isPresent() ? offsets(planned.getAsLong()) : written;
      LogOffsets committed = new LogOffsets(end.logId(), written);
      requireHeld(committed, new LogOffsets(end.logId(), known), beginning, end);
      return committed;
    } catch (IOException failure) {
      throw SpeedLayerErrors.checkpointIsNotAccessible(folder, failure);
    }
  }

  private void requireHeld(
      LogOffsets committed, LogOffsets known, LogOffsets beginning, LogOffsets end) {
    committed
        .byPartition()
        .forEach(
            (partition, next) -> {
              if (next < beginning.offset(partition)) {
                throw SpeedLayerErrors.unreadRecordsAreDeleted(
                    partition, next, beginning.offset(partition) - 1, folder);
              }
            });
    known
        .byPartition()
        .forEach(
            (partition, offset) -> {
              if (offset > end.offset(partition)) {
                throw SpeedLayerErrors.readRecordsAreGone(
                    partition, end.offset(partition), offset - 1, folder);
              }
            });
  }

  /**
   * Stores the last record that was read of each partition, so that the next start can check it.
   *
   * @throws PipelineException as {@link #requireExists}; usage error, if it cannot be written
   */
  void store(CheckpointTail tail) {
    requireExists();
    try {
      tail.write(folder);
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
   * Checks that the log still holds the last records that were read, at their offsets.
   *
   * @param read the last records that were read
   * @param beginning the log's current beginning offsets; records before them are not checked
   * @param end the log's current end offsets
   * @throws PipelineException state mismatch, if a record is missing or was replaced
   */
  void requireSameTail(CheckpointTail read, EventTopic log, LogOffsets beginning, LogOffsets end) {
    SortedMap<Integer, CheckpointTail.Last> tail = new TreeMap<>(read.byPartition());
    tail.entrySet().removeIf(last -> last.getValue().offset() < beginning.offset(last.getKey()));
    SortedMap<Integer, Long> from = new TreeMap<>();
    SortedMap<Integer, Long> until = new TreeMap<>();
    tail.forEach(
        (partition, last) -> {
          if (last.offset() >= end.offset(partition)) {
            throw SpeedLayerErrors.readRecordsAreGone(
                partition, end.offset(partition), last.offset(), folder);
          }
          from.put(partition, last.offset());
          until.put(partition, last.offset() + 1);
        });
    log.read(
        new LogOffsets(beginning.logId(), from),
        new LogOffsets(beginning.logId(), until),
        record -> {
          if (record.fingerprint() != tail.get(record.partition()).fingerprint()) {
            throw SpeedLayerErrors.readRecordWasReplaced(
                record.partition(), record.offset(), folder);
          }
        });
  }

  /** The stored last record of each partition. */
  CheckpointTail tail() {
    try {
      return CheckpointTail.read(folder).orElse(CheckpointTail.NONE);
    } catch (JsonProcessingException unreadable) {
      throw SpeedLayerErrors.checkpointFileIsUnreadable(
          folder, CheckpointTail.FILE_NAME, unreadable);
    } catch (IOException failure) {
      throw SpeedLayerErrors.checkpointIsNotAccessible(folder, failure);
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

  private OptionalLong latest(String kind) throws IOException {
    Path numbered = folder.resolve(kind);
    if (!Files.isDirectory(numbered)) {
      return OptionalLong.empty();
    }
    try (Stream<Path> entries = Files.list(numbered)) {
      return entries
          .map(entry -> entry.getFileName().toString())
          .filter(name -> name.matches("[0-9]{1,18}"))
          .mapToLong(Long::parseLong)
          .max();
    }
  }

  /** Reads the third line of the file: {@code {"topic":{"0":17,"1":23}}}. */
  private SortedMap<Integer, Long> offsets(long number) throws IOException {
    Path file = folder.resolve("offsets").resolve(Long.toString(number));
    if (!Files.isRegularFile(file)) {
      throw SpeedLayerErrors.checkpointFileIsMissing(folder, file);
    }
    List<String> lines = Files.readAllLines(file);
    SortedMap<Integer, Long> offsets = new TreeMap<>();
    if (lines.size() < 3) {
      throw SpeedLayerErrors.checkpointFileIsCutOff(folder, file);
    }
    JsonNode topics = JSON.readTree(lines.get(2));
    topics.forEach(
        partitions ->
            partitions
                .properties()
                .forEach(
                    entry ->
                        offsets.put(Integer.valueOf(entry.getKey()), entry.getValue().asLong())));
    return offsets;
  }
}
