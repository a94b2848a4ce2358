package io.foldlog.speed;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foldlog.contract.PipelineException;
import io.foldlog.log.EventTopic;
import io.foldlog.log.LogOffsets;
import io.foldlog.log.TopicMetadata;
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
 * The folder that says how far the log is written, as Spark keeps it: {@code offsets/N} says where
 * batch or epoch N ends, {@code commits/N} that all of it is written. It belongs to one trigger and
 * one topic; whatever else it turns out to be stops the query, because going on could leave records
 * out unnoticed. To start anew is always safe: every event carries its own time.
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

  /** What lets a stopped query go on: the whole log is read again. */
  String startAnew() {
    return "To go on, have the whole log read again, which is safe: rm -r '%s' and start the speed layer."
        .formatted(folder);
  }

  /**
   * Binds a new checkpoint, or checks what an old one is bound to.
   *
   * @param decodeVersion of the rules that are written by from now on
   * @throws PipelineException state mismatch, when it belongs to another trigger or topic, or is
   *     none of the speed layer's
   */
  void bind(TriggerMode trigger, TopicMetadata log, int decodeVersion) {
    try {
      Optional<CheckpointBinding> bound = CheckpointBinding.read(folder);
      if (bound.isEmpty() && !isEmpty()) {
        throw PipelineException.stateMismatch(
            "The folder %s (speed-layer.checkpoint) is no checkpoint of the speed layer: it is not empty and holds no readable %s. Name an empty folder. %s"
                .formatted(folder, CheckpointBinding.FILE_NAME, startAnew()));
      }
      if (bound.isPresent()) {
        check(bound.get(), trigger, log, decodeVersion);
      }
      CheckpointBinding now =
          new CheckpointBinding(trigger.settingName(), log.topic(), log.topicId(), decodeVersion);
      if (!bound.equals(Optional.of(now))) {
        now.write(folder);
      }
    } catch (IOException failure) {
      throw unreadable(failure);
    }
  }

  private void check(
      CheckpointBinding bound, TriggerMode trigger, TopicMetadata log, int decodeVersion) {
    if (!bound.trigger().equals(trigger.settingName())) {
      throw PipelineException.stateMismatch(
          "The checkpoint %s belongs to the trigger %s, but speed-layer.trigger is %s. Set it back, or: %s"
              .formatted(folder, bound.trigger(), trigger.settingName(), startAnew()));
    }
    if (!bound.topic().equals(log.topic())) {
      throw PipelineException.stateMismatch(
          "The checkpoint %s belongs to the topic %s, but kafka.topic is %s. Set speed-layer.checkpoint to a folder of its own, or: %s"
              .formatted(folder, bound.topic(), log.topic(), startAnew()));
    }
    requireTopic(bound.topicId(), log);
    if (bound.decodeVersion() != decodeVersion) {
      LOG.warn(
          "event=decode_version_changed decode_version={} before={} action=\"the next reconcile folds the old records anew\"",
          decodeVersion,
          bound.decodeVersion());
    }
  }

  private void requireTopic(String boundId, TopicMetadata log) {
    if (!boundId.equals(log.topicId())) {
      throw recreated(log.topic(), boundId, log.topicId());
    }
  }

  /** The failure for a topic that was deleted and created again. */
  PipelineException recreated(String topic, String boundId, String foundId) {
    return PipelineException.stateMismatch(
        "The topic %s was deleted and created again: the checkpoint %s belongs to the one with id %s, and this one has %s. %s"
            .formatted(topic, folder, boundId, foundId, startAnew()));
  }

  /**
   * Up to where everything is written: where the next start begins. Offset 0 where nothing is.
   *
   * @param beginning where the log begins now
   * @param end where the log ends now
   * @throws PipelineException state mismatch, when the log no longer holds what comes next
   */
  LogOffsets committed(LogOffsets beginning, LogOffsets end) {
    try {
      OptionalLong last = latest("commits");
      SortedMap<Integer, Long> written =
          last.isPresent() ? offsets(last.getAsLong()) : new TreeMap<>();
      OptionalLong planned = latest("offsets");
      SortedMap<Integer, Long> known = planned.isPresent() ? offsets(planned.getAsLong()) : written;
      LogOffsets committed = new LogOffsets(end.topicId(), written);
      requireHeld(committed, new LogOffsets(end.topicId(), known), beginning, end);
      return committed;
    } catch (IOException failure) {
      throw unreadable(failure);
    }
  }

  private void requireHeld(
      LogOffsets committed, LogOffsets known, LogOffsets beginning, LogOffsets end) {
    committed
        .byPartition()
        .forEach(
            (partition, next) -> {
              if (next < beginning.offset(partition)) {
                throw lost(partition, next, beginning.offset(partition) - 1, "are deleted");
              }
            });
    known
        .byPartition()
        .forEach(
            (partition, offset) -> {
              if (offset > end.offset(partition)) {
                throw lost(partition, end.offset(partition), offset - 1, "were read and are gone");
              }
            });
  }

  /**
   * Keeps the last record that was read of each partition, for the next start to look for.
   *
   * @throws PipelineException as {@link #requireThere}; refused, when it cannot be written
   */
  void remember(CheckpointTail tail) {
    requireThere();
    try {
      tail.write(folder);
    } catch (IOException failure) {
      throw unreadable(failure);
    }
  }

  /**
   * Makes sure that nobody took the checkpoint away since it was bound.
   *
   * @throws PipelineException state mismatch, when somebody did
   */
  void requireThere() {
    if (!Files.exists(folder.resolve(CheckpointBinding.FILE_NAME))) {
      throw PipelineException.stateMismatch(
          "The checkpoint %s was removed while the speed layer ran. %s"
              .formatted(folder, startAnew()));
    }
  }

  /**
   * Makes sure that the last records that were read are still what the log holds in their places.
   *
   * @param read those records
   * @param beginning where the log begins now; what it has forgotten in order is not looked for
   * @param end where the log ends now
   * @throws PipelineException state mismatch, when others took their places
   */
  void requireSameTail(CheckpointTail read, EventTopic log, LogOffsets beginning, LogOffsets end) {
    SortedMap<Integer, CheckpointTail.Last> tail = new TreeMap<>(read.byPartition());
    tail.entrySet().removeIf(last -> last.getValue().offset() < beginning.offset(last.getKey()));
    SortedMap<Integer, Long> from = new TreeMap<>();
    SortedMap<Integer, Long> until = new TreeMap<>();
    tail.forEach(
        (partition, last) -> {
          if (last.offset() >= end.offset(partition)) {
            throw lost(partition, end.offset(partition), last.offset(), "were read and are gone");
          }
          from.put(partition, last.offset());
          until.put(partition, last.offset() + 1);
        });
    log.read(
        new LogOffsets(beginning.topicId(), from),
        new LogOffsets(beginning.topicId(), until),
        record -> {
          if (record.fingerprint() != tail.get(record.partition()).fingerprint()) {
            throw PipelineException.stateMismatch(
                "The log has lost records: at offset %d of partition %d stands another record than the one that was read there, so the brokers lost the end of the log, and others were written in its place. Find out why before going on: what only the lost ones said is not in the log. %s"
                    .formatted(record.offset(), record.partition(), startAnew()));
          }
        });
  }

  /** The last record that was read of each partition, as far as it is known. */
  CheckpointTail tail() {
    try {
      return CheckpointTail.read(folder).orElse(CheckpointTail.NONE);
    } catch (JsonProcessingException unreadable) {
      throw PipelineException.stateMismatch(
          "The checkpoint %s is damaged: %s cannot be read. %s"
              .formatted(folder, CheckpointTail.FILE_NAME, startAnew()),
          unreadable);
    } catch (IOException failure) {
      throw unreadable(failure);
    }
  }

  /** The failure for records that the log ought to hold. */
  PipelineException lost(int partition, long from, long to, String what) {
    return PipelineException.stateMismatch(
        "The log has lost records: offsets %d to %d of partition %d %s. Find out why before going on: what only they said is not in the log. %s"
            .formatted(from, to, partition, what, startAnew()));
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

  /** The third line of the file: {@code {"topic":{"0":17,"1":23}}}. */
  private SortedMap<Integer, Long> offsets(long number) throws IOException {
    Path file = folder.resolve("offsets").resolve(Long.toString(number));
    if (!Files.isRegularFile(file)) {
      throw PipelineException.stateMismatch(
          "The checkpoint %s is damaged: %s is missing. %s".formatted(folder, file, startAnew()));
    }
    List<String> lines = Files.readAllLines(file);
    SortedMap<Integer, Long> offsets = new TreeMap<>();
    if (lines.size() < 3) {
      throw PipelineException.stateMismatch(
          "The checkpoint %s is damaged: %s is cut off. %s".formatted(folder, file, startAnew()));
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

  private PipelineException unreadable(IOException failure) {
    return PipelineException.usageError(
        "The checkpoint %s (speed-layer.checkpoint) cannot be read or written: %s."
            .formatted(folder, failure),
        failure);
  }
}
