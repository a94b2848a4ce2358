package io.foldlog.speed.errors;

import io.foldlog.contract.PipelineException;
import io.foldlog.log.RecordId;
import io.foldlog.runtime.HeapFailure;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The failures of the speed layer with their messages and kinds. Each method returns the failure
 * and does not throw it.
 */
public final class SpeedLayerErrors {

  /** The rule of the setting {@code speed-layer.outage-timeout}. */
  public static final String OUTAGE_TIMEOUT_RULE = "must be from 5 s to 100 s";

  private static final String FIND_THE_CAUSE =
      "Find the cause before you continue: the content of the lost records is no longer in the log.";

  private SpeedLayerErrors() {}

  // Start

  public static PipelineException notEnoughTaskSlots(String topic, int partitions, int slots) {
    return PipelineException.usageError(
        "The trigger continuous needs a task slot for each partition: the topic %s has %d partitions, and Spark has %d slots. Give it more (spark-submit's --master), or set speed-layer.trigger = micro-batch with a checkpoint of its own."
            .formatted(topic, partitions, slots));
  }

  public static PipelineException checkpointIsInUse(Path checkpoint) {
    return PipelineException.unavailable(
        "Another query uses the checkpoint %s. End its process, then start the speed layer. A second query needs a checkpoint of its own (speed-layer.checkpoint)."
            .formatted(checkpoint),
        null);
  }

  public static PipelineException cassandraSessionNotOpened(long limitSeconds, Throwable cause) {
    return PipelineException.unavailable(
        "Cassandra answered before, but no session could be opened within %d s. Start the speed layer again."
            .formatted(limitSeconds),
        cause);
  }

  // Checkpoint

  /**
   * @param bindingFile the file that identifies a checkpoint
   */
  public static PipelineException folderIsNotACheckpoint(Path folder, String bindingFile) {
    return PipelineException.stateMismatch(
        "The folder %s (speed-layer.checkpoint) is not a checkpoint of the speed layer: it is not empty and holds no readable %s. Name an empty folder. If this folder is a damaged checkpoint, %s"
            .formatted(folder, bindingFile, readAgain(folder)));
  }

  /**
   * @param bound the trigger of the checkpoint
   * @param set the trigger of the settings
   */
  public static PipelineException checkpointOfAnotherTrigger(
      Path checkpoint, String bound, String set) {
    return PipelineException.stateMismatch(
        "The checkpoint %s belongs to the trigger %s, but speed-layer.trigger is %s. Set it back, or %s"
            .formatted(checkpoint, bound, set, readAgain(checkpoint)));
  }

  /**
   * @param bound the topic of the checkpoint
   * @param set the topic of the settings
   */
  public static PipelineException checkpointOfAnotherTopic(
      Path checkpoint, String bound, String set) {
    return PipelineException.stateMismatch(
        "The checkpoint %s belongs to the topic %s, but kafka.topic is %s. Set speed-layer.checkpoint to a folder of its own, or %s"
            .formatted(checkpoint, bound, set, readAgain(checkpoint)));
  }

  /**
   * @param boundId the topic id of the checkpoint
   * @param foundId the topic id that Kafka reports
   */
  public static PipelineException topicWasCreatedAgain(
      String topic, Path checkpoint, String boundId, String foundId) {
    return PipelineException.stateMismatch(
        "The topic %s was deleted and created again: the checkpoint %s belongs to the topic with id %s, and the topic now has id %s. %s"
            .formatted(topic, checkpoint, boundId, foundId, toContinue(checkpoint)));
  }

  public static PipelineException checkpointWasRemoved(Path checkpoint) {
    return PipelineException.stateMismatch(
        "The checkpoint %s was removed while the speed layer ran. %s"
            .formatted(checkpoint, toContinue(checkpoint)));
  }

  public static PipelineException checkpointFileIsUnreadable(
      Path checkpoint, String file, Throwable cause) {
    return PipelineException.stateMismatch(
        "The checkpoint %s is damaged: %s cannot be read. %s"
            .formatted(checkpoint, file, toContinue(checkpoint)),
        cause);
  }

  public static PipelineException checkpointIsNotAccessible(Path checkpoint, Throwable cause) {
    return PipelineException.usageError(
        "The checkpoint %s (speed-layer.checkpoint) cannot be read or written: %s. Correct the folder's rights, or the setting."
            .formatted(checkpoint, cause),
        cause);
  }

  // Log

  /** Retention or a client deleted records before they were read. */
  public static PipelineException unreadRecordsAreDeleted(
      int partition, long from, long to, Path checkpoint) {
    return lostRecords(partition, from, to, "are deleted", checkpoint);
  }

  /** The log now ends before records that were read. */
  public static PipelineException readRecordsAreGone(
      int partition, long from, long to, Path checkpoint) {
    return lostRecords(partition, from, to, "were read and are gone", checkpoint);
  }

  private static PipelineException lostRecords(
      int partition, long from, long to, String what, Path checkpoint) {
    return PipelineException.stateMismatch(
        "The log has lost records: offsets %d to %d of partition %d %s. %s %s"
            .formatted(from, to, partition, what, FIND_THE_CAUSE, toContinue(checkpoint)));
  }

  public static PipelineException readRecordWasReplaced(
      int partition, long offset, Path checkpoint) {
    return PipelineException.stateMismatch(
        "The log has lost records: the record at offset %d of partition %d is not the one that was read there. The brokers lost the end of the log, and other records were written in its place. %s %s"
            .formatted(offset, partition, FIND_THE_CAUSE, toContinue(checkpoint)));
  }

  public static PipelineException readRecordIsMissing(int partition, long offset, Path checkpoint) {
    return PipelineException.stateMismatch(
        "The log has lost records: it holds no record at offset %d of partition %d, where one was read. Its transaction was aborted after it had been committed, or the topic was compacted. %s %s"
            .formatted(offset, partition, FIND_THE_CAUSE, toContinue(checkpoint)));
  }

  /**
   * @param reason the message of Kafka
   */
  public static PipelineException logIsNotReadable(
      String reason, Path checkpoint, Throwable cause) {
    return PipelineException.stateMismatch(
        "The log cannot be read any more. %s %s".formatted(reason, toContinue(checkpoint)), cause);
  }

  /**
   * @param reason the message of Spark
   */
  public static PipelineException nextRecordsAreMissing(
      String reason, Path checkpoint, Throwable cause) {
    return PipelineException.stateMismatch(
        "The log no longer holds the records that follow the checkpoint: %s %s"
            .formatted(reason, toContinue(checkpoint)),
        cause);
  }

  // While the query runs

  public static PipelineException partitionsWereAdded(String topic, int now, int atStart) {
    return PipelineException.unavailable(
        "The topic %s has %d partitions now and had %d at the start, so the query ends. Start it again with a task slot for each partition."
            .formatted(topic, now, atStart),
        null);
  }

  public static PipelineException noEpochWasCommitted(long seconds) {
    return PipelineException.unavailable(
        "No epoch was committed for %d s: Kafka, Cassandra or Spark's executors do not answer. What was not committed is read again at the next start."
            .formatted(seconds),
        null);
  }

  public static PipelineException executorWasLost(Throwable cause) {
    return PipelineException.unavailable(
        "The Spark cluster lost an executor or its worker, and the query ended. See the Spark UI of the cluster. What was not committed is read again at the next start.",
        cause);
  }

  /**
   * The failure, if the heap was too small; otherwise empty.
   *
   * @param offsets the committed offsets
   */
  public static Optional<PipelineException> heapIsTooSmall(Throwable thrown, String offsets) {
    return HeapFailure.of(
        thrown,
        "the speed layer read on from the offsets %s".formatted(offsets),
        "Nothing is lost. A record there takes a tenth of the heap or more once it is unpacked. Raise spark-submit's --driver-memory (or the heap setting of the program that starts it), and start the speed layer.");
  }

  /**
   * @param record at which two starts in a row ended
   */
  public static PipelineException recordExceedsHeap(
      RecordId record, long heapMebibytes, Throwable cause) {
    return PipelineException.resourceExhausted(
        "The heap of %d MiB was too small for the record %s: two starts in a row ended at it. Nothing is lost. Raise spark-submit's --driver-memory (or the heap setting of the program that starts it), and start the speed layer. Or take the record out of the way of all readers, which loses nothing either: foldlog dead-letters skip %s --reason TEXT"
            .formatted(heapMebibytes, record, record),
        cause);
  }

  public static PipelineException queryDidNotEnd(long limitSeconds) {
    return PipelineException.unavailable(
        "The query did not end within %d s after its jobs were cancelled, and keeps its checkpoint until this process ends: end the process, then start the speed layer. What was not committed is read again."
            .formatted(limitSeconds),
        null);
  }

  /** The last part of a message: how to continue. */
  private static String toContinue(Path checkpoint) {
    return "To continue, " + readAgain(checkpoint);
  }

  private static String readAgain(Path checkpoint) {
    return "read the whole log again, which is safe: rm -r '%s' and start the speed layer."
        .formatted(checkpoint);
  }
}
