package io.foldlog.admin.errors;

import io.foldlog.contract.PipelineException;
import io.foldlog.log.LogOffsets;

/** The error messages of this module. A method returns the exception, and its caller throws it. */
public final class AdminErrors {

  private AdminErrors() {}

  public static PipelineException rowsWereNotCounted(String keyspace, Throwable cause) {
    return PipelineException.unavailable(
        "Cassandra did not count the rows of %s.created_users: %s"
            .formatted(keyspace, cause.getMessage()),
        cause);
  }

  public static PipelineException subcommandIsMissing() {
    return PipelineException.usageError(
        "dead-letters needs a sub-command: count, list, show, replay or skip.");
  }

  public static PipelineException limitIsTooSmall(long limit) {
    return PipelineException.usageError("--limit is %d; it must be at least 1.".formatted(limit));
  }

  public static PipelineException recordIdIsMalformed(String record) {
    return PipelineException.usageError(
        "%s is not the id of a record; write TOPIC_ID:PARTITION:OFFSET as list does, or PARTITION:OFFSET."
            .formatted(record));
  }

  public static PipelineException deadLetterIsMissing(String topic, String record) {
    return PipelineException.usageError(
        "Topic %s holds no dead letter of %s; list shows the records.".formatted(topic, record));
  }

  public static PipelineException recordToSkipIsMissing(String topic, int partition, long offset) {
    return PipelineException.usageError(
        "Topic %s holds no committed record at offset %d of partition %d, so there is nothing to skip. The message of the layer that ended names the record."
            .formatted(topic, offset, partition));
  }

  public static PipelineException recordOfAnotherTopic(
      String topic, String recordTopicId, String topicId) {
    return PipelineException.usageError(
        "The record is of the topic with id %s, but topic %s has id %s now: it was deleted and created again. No layer reads the record any more."
            .formatted(recordTopicId, topic, topicId));
  }

  /**
   * @param mebibytes the maximum heap
   */
  public static PipelineException recordExceedsMachine(
      int partition, long offset, long mebibytes, Throwable cause) {
    return PipelineException.resourceExhausted(
        "The record at offset %d of partition %d and the later records of its batch do not fit into %d MiB, which is what this machine has. Run the command on a machine with more memory. Nothing was changed."
            .formatted(offset, partition, mebibytes),
        cause);
  }

  public static PipelineException firstRecordsAreMissing(String topic, LogOffsets beginning) {
    return PipelineException.stateMismatch(
        "Topic %s no longer holds its first records: it begins at the offsets %s, so the view cannot be verified against it. The archive holds the records that were archived before. Run reconcile --scope full --dry-run to compare the view with the archive; it writes nothing."
            .formatted(topic, beginning));
  }
}
