package io.foldlog.batch.errors;

import io.foldlog.contract.PipelineException;
import io.foldlog.log.RecordId;
import io.foldlog.runtime.HeapFailure;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * All failures of the batch layer that an operator can resolve, with their messages and kinds. Each
 * method returns the failure and does not throw it.
 */
public final class BatchLayerErrors {

  /** The rule of the setting {@code batch-layer.vacuum-retention}. */
  public static final String VACUUM_RETENTION_RULE = "must be at least 7 days";

  /** The holder of a lease that does not contain a name yet. */
  public static final String RUN_WITHOUT_NAME = "another run that just started";

  private static final String ACCEPT_REPLACED =
      "Restore the brokers' data if you can. To keep what was archived, and to archive what the topic holds now as another log: archive --accept-gap";

  private BatchLayerErrors() {}

  // Command line, servers and disks

  public static PipelineException subcommandIsMissing() {
    return PipelineException.usageError(
        "foldlog batch needs a sub-command: archive, fold, reconcile, maintain, or nightly for the four in this order.");
  }

  public static PipelineException cassandraDidNotAnswer(String reason, Throwable cause) {
    return PipelineException.unavailable(
        "Cassandra did not answer: %s. See its log. Start it or reduce its load, then run this again."
            .formatted(reason),
        cause);
  }

  public static PipelineException objectStoreDidNotAnswer(String reason, Throwable cause) {
    return PipelineException.unavailable(
        "The object store of the lake did not answer: %s. Check the store and the settings lake.root and lake.s3, then run this again."
            .formatted(reason),
        cause);
  }

  public static PipelineException diskIsFull(Throwable cause) {
    return PipelineException.resourceExhausted(
        "The disk of the lake or of Spark's temporary files is full. Free disk space, then run this again.",
        cause);
  }

  /**
   * The failure, if the heap was too small; otherwise empty.
   *
   * @param doing the activity, as a clause that follows "while"
   */
  public static Optional<PipelineException> heapIsTooSmall(Throwable thrown, String doing) {
    return HeapFailure.of(
        thrown,
        doing,
        "Nothing is lost. Raise spark-submit's --driver-memory (or the heap setting of the program that starts it), and run this again.");
  }

  /**
   * @param record at which two starts in a row ended
   */
  public static PipelineException recordExceedsHeap(
      RecordId record, long heapMebibytes, Throwable cause) {
    return PipelineException.resourceExhausted(
        "The heap of %d MiB was too small for the record %s: two runs in a row ended at it. Nothing was archived, and nothing is lost. Raise spark-submit's --driver-memory (or the heap setting of the program that starts it), and run this again. Or take the record out of the way of all readers, which loses nothing either: foldlog dead-letters skip %s --reason TEXT"
            .formatted(heapMebibytes, record, record),
        cause);
  }

  // Lake

  public static PipelineException lakeFolderIsInUse(String lake, String holder) {
    return PipelineException.unavailable(
        "The lake %s is in use by %s. Wait until that run has ended, then run this again."
            .formatted(lake, holder),
        null);
  }

  /**
   * @param termMinutes the minutes after which a lease without a renewal expires
   */
  public static PipelineException lakeObjectsAreInUse(
      String lake, String holder, long termMinutes) {
    return PipelineException.unavailable(
        "The lake %s is in use by %s. Wait until that run has ended, then run this again. If it was killed, its lease ends %d minutes after its last renewal."
            .formatted(lake, holder, termMinutes),
        null);
  }

  public static PipelineException leaseWasLost(String lake, long seconds) {
    return PipelineException.unavailable(
        "The lease of the lake %s was lost: this run did not renew it for %d s, and another run may have begun. Run this again."
            .formatted(lake, seconds),
        null);
  }

  public static PipelineException lakeFolderIsNotWritable(
      String lake, String reason, Throwable cause) {
    return PipelineException.usageError(
        "The lake %s cannot be written: %s. Correct the setting lake.root, or the folder's rights."
            .formatted(lake, reason),
        cause);
  }

  public static PipelineException lakeObjectsAreNotWritable(
      String lake, String reason, Throwable cause) {
    return PipelineException.usageError(
        "The lake %s cannot be written: %s. Correct the settings lake.root and lake.s3, or the rights in the store."
            .formatted(lake, reason),
        cause);
  }

  /** For an object store that did not answer when the run took the lease. */
  public static PipelineException objectStoreDidNotAnswer(
      String lake, String reason, Throwable cause) {
    return PipelineException.unavailable(
        "The object store of the lake %s did not answer: %s. Start it, or correct the settings lake.root and lake.s3."
            .formatted(lake, reason),
        cause);
  }

  public static PipelineException storeIgnoresConditionalWrites(String lake) {
    return PipelineException.usageError(
        "The object store of the lake %s ignores conditional writes (If-None-Match), so it cannot hold a lake. Use a store that supports them."
            .formatted(lake));
  }

  public static PipelineException storeHasNoConditionalWrites(String lake) {
    return PipelineException.usageError(
        "The lake %s is in a store in which one writer at a time cannot be enforced. Set lake.root to a folder of this machine, or to s3a://bucket/folder."
            .formatted(lake));
  }

  public static PipelineException tableHasNoCommitMetadata(String table) {
    return PipelineException.stateMismatch(
        "No commit of the table %s carries the pipeline's metadata: it is not a table of this pipeline, or its _delta_log was cut. Restore the lake, or move it away (setting lake.root); archive and fold fill a new one from the log."
            .formatted(table));
  }

  // Archive

  public static PipelineException tableKeepsChanging(String table, int attempts) {
    return PipelineException.unavailable(
        "Other writers changed the table %s during each of %d attempts. Run archive again when they have ended."
            .formatted(table, attempts),
        null);
  }

  public static PipelineException topicWasCreatedAgainDuringArchive(String topic) {
    return PipelineException.stateMismatch(
        "Topic %s was deleted and created again while this run began. Run it again."
            .formatted(topic));
  }

  public static PipelineException logChangedDuringArchive(
      String topic, int partition, long from, long to) {
    return PipelineException.stateMismatch(
        "Topic %s changed while archive read it: the offsets %d to %d of partition %d no longer hold what was there. Nothing was archived. Run archive again: its message says how to continue."
            .formatted(topic, from, to, partition));
  }

  /**
   * @param found the offsets up to which the table has rows
   * @param recorded the offsets in the commit metadata
   */
  public static PipelineException archiveDiffersFromItsCommits(
      String table, String found, String recorded) {
    return PipelineException.stateMismatch(
        "The table %s holds records up to %s, but its commits say up to %s: another writer changed it. Restore it to the last version of an archive run (RESTORE TABLE delta.`%s` TO VERSION AS OF …; DESCRIBE HISTORY names them), or move the lake away and archive the log again."
            .formatted(table, found, recorded, table));
  }

  /**
   * @param archivedId the topic id of the archive
   * @param foundId the topic id that Kafka reports
   */
  public static PipelineException archiveOfAnotherTopic(
      String topic, String table, String archivedId, String foundId) {
    return PipelineException.stateMismatch(
        "Topic %s was deleted and created again: the archive %s holds the topic with id %s, and the topic now has id %s. To continue with the new topic and keep what was archived of the old one: archive --accept-new-topic"
            .formatted(topic, table, archivedId, foundId));
  }

  public static PipelineException unarchivedRecordsAreDeleted(
      String topic, int partition, long from, long to) {
    return PipelineException.stateMismatch(
        "Topic %s no longer holds the records %d to %d of partition %d, which were not archived: retention or a client deleted them. If they cannot be restored, continue without them: archive --accept-gap"
            .formatted(topic, from, to, partition));
  }

  /**
   * @param end the log's end offset
   * @param archived the last offset that was archived
   */
  public static PipelineException logEndsBeforeArchive(
      String topic, int partition, long end, long archived) {
    return PipelineException.stateMismatch(
        "The log ends at offset %d of partition %d of topic %s, but records up to %d were archived: the brokers lost its end. %s"
            .formatted(end, partition, topic, archived, ACCEPT_REPLACED));
  }

  public static PipelineException archivedRecordsWereReplaced(
      String topic, int partition, long from, long to) {
    return PipelineException.stateMismatch(
        "The records %d to %d of partition %d of topic %s are not the ones that were archived: the brokers lost the end of the log, and other records were written in its place. %s"
            .formatted(from, to, partition, topic, ACCEPT_REPLACED));
  }

  public static PipelineException archivedRecordWasReplaced(
      String topic, int partition, long offset) {
    return PipelineException.stateMismatch(
        "The record at offset %d of partition %d of topic %s is not the one that was archived: the brokers lost the end of the log, and other records were written in its place. %s"
            .formatted(offset, partition, topic, ACCEPT_REPLACED));
  }

  // Fold

  public static PipelineException archiveIsMissing(String table) {
    return PipelineException.stateMismatch(
        "There is no archive in %s: run archive first (or nightly, which does both)."
            .formatted(table));
  }

  public static PipelineException foldIsAheadOfArchive(
      String table, String folded, String archived) {
    return PipelineException.stateMismatch(
        "The table %s has folded up to %s, but the archive ends at %s: the lake's tables are from different times. Fold the whole archive again: fold --full"
            .formatted(table, folded, archived));
  }

  // Reconcile

  public static PipelineException foldIsMissing(String table) {
    return PipelineException.stateMismatch(
        "There is no fold in %s: run archive and fold first (or nightly, which does all)."
            .formatted(table));
  }

  public static PipelineException foldOfAnotherDecodeVersion(String table, int folded, int own) {
    return PipelineException.stateMismatch(
        "The table %s was folded with decode version %d, and this is %d: run fold first."
            .formatted(table, folded, own));
  }

  public static PipelineException foldWithAnotherTrustInCreateTime(String table) {
    return PipelineException.stateMismatch(
        "The table %s was folded with another value of kafka.trust-create-time: run fold first."
            .formatted(table));
  }

  /**
   * @param foldedId the topic id of the fold
   * @param foundId the topic id that Kafka reports
   */
  public static PipelineException foldOfAnotherTopic(
      String topic, String foldedId, String foundId) {
    return PipelineException.stateMismatch(
        "Topic %s was deleted and created again: the fold holds the topic with id %s, and the topic now has id %s. To continue with the new topic: archive --accept-new-topic"
            .formatted(topic, foldedId, foundId));
  }

  public static PipelineException logDiffersFromFold(
      String topic, int partition, long from, long to) {
    return PipelineException.stateMismatch(
        "Topic %s no longer holds the records %d to %d of partition %d, which were folded: the brokers lost its end. Run archive: its message says how to continue. If archive succeeds, run fold."
            .formatted(topic, from, to, partition));
  }

  public static PipelineException unfoldedRecordsAreDeleted(
      String topic, int partition, long from, long to) {
    return PipelineException.stateMismatch(
        "Topic %s no longer holds the records %d to %d of partition %d, which were not folded: retention or a client deleted them. Run archive: its message says how to continue. If archive succeeds, run fold."
            .formatted(topic, from, to, partition));
  }

  /**
   * @param atRecordTimes how many of them another decode version explains; empty if the last
   *     successful reconcile had this decode version
   */
  public static PipelineException repairLimitExceeded(
      long users, long limit, Optional<Long> atRecordTimes) {
    String ofOtherVersion =
        atRecordTimes
            .map(
                count ->
                    " %d of them have such cells only at the times of their own records, as another decode version writes them; %d have others."
                        .formatted(count, users - count))
            .orElse("");
    return PipelineException.repairLimitExceeded(
        "%d users have cells that no event of the log explains, and the limit is %d: nothing was written.%s See the report; if the log is right: reconcile --destructive-limit %d"
            .formatted(users, limit, ofOtherVersion, users));
  }

  public static PipelineException repairLimitExceededInSecondRound(long users, long limit) {
    return PipelineException.repairLimitExceeded(
        "%d users need repairs above their events' times, and the limit is %d: nothing of the second round was written. If that is right: reconcile --destructive-limit %d"
            .formatted(users, limit, users));
  }

  /**
   * @param users that differ
   * @param written the highest decode version that has written to the view
   * @param own the decode version of this release
   */
  public static PipelineException newerDecodeVersionHasWritten(long users, int written, int own) {
    return PipelineException.unresolvedDrift(
        "Decode version %d has written to the view, and this release decodes with version %d: reconcile only reported. By the rules of version %d, %d users differ. Run the batch layer of the release with decode version %d. To repair by the rules of this release all the same, which makes the next reconcile of the newer release a full one: reconcile --accept-older-version"
            .formatted(written, own, own, users, written));
  }

  /**
   * @param users a phrase for each reason, with the number of users
   */
  public static PipelineException viewStillDiffers(List<String> users) {
    return PipelineException.unresolvedDrift(
        "The view still differs from the log. Users: %s. The report names the users, the cells and what to do."
            .formatted(String.join("; ", users)));
  }

  public static String usersWithFutureWritetime(long users) {
    return users + " with cells written in the future (reconcile --overwrite-future)";
  }

  public static String usersWithHighestWritetime(long users) {
    return users + " with cells at the highest writetime, which nothing can overwrite";
  }

  public static String usersWithRejectedRepair(long users) {
    return users + " whose repair Cassandra refuses";
  }

  public static String usersCoveredByFutureDeletion(long users) {
    return users + " with cells that a deletion in the future covers";
  }

  public static String usersWithFutureRowMarker(long users) {
    return users + " whose row an INSERT in the future keeps visible";
  }

  public static String usersWithRepairNotApplied(long users) {
    return users + " whose repair did not take effect";
  }

  // Reconcile: why cells of a user still differ

  public static String cellIsInFuture(Instant writetime) {
    return "Written at %s. To overwrite it: reconcile --overwrite-future".formatted(writetime);
  }

  public static String cellHasHighestWritetime() {
    return "Written at the highest writetime of Cassandra (9223372036854775807), so no write and no deletion can replace it. TRUNCATE the table and fill it again: see UNRESOLVED_DRIFT in docs/runbook.md";
  }

  /**
   * @param reason the message of Cassandra
   */
  public static String repairIsRefused(String reason) {
    return "Cassandra refuses the repair: %s. See UNRESOLVED_DRIFT in docs/runbook.md"
        .formatted(reason);
  }

  /**
   * @param repair the writetime of the repair that does not show
   */
  public static String deletionCoversRepair(Instant repair) {
    return "A deletion at %s or later covers the cells: Cassandra acknowledged a repair at that time, and it does not show. The exact time cannot be read. When it has passed, the next reconcile repairs the cells"
        .formatted(repair);
  }

  /**
   * @param deletion the time of the row deletion after which the row still shows
   */
  public static String rowMarkerOutlastsRepair(Instant deletion) {
    return "An INSERT at %s or later keeps the row visible: Cassandra acknowledged a deletion at that time. The exact time cannot be read. When it has passed, the next reconcile deletes the row"
        .formatted(deletion);
  }

  /**
   * @param repair the writetime of the repair
   */
  public static String repairIsNotApplied(Instant repair) {
    return "Cassandra acknowledged a repair at %s, and the row shows older data. Find out who else writes to the view, and run reconcile again"
        .formatted(repair);
  }

  // Maintain

  /**
   * Maintain failed after a reconcile that left drift. The kind is that of the reconcile.
   *
   * @param maintain the message of maintain
   */
  public static PipelineException maintainFailedAfterReconcile(
      PipelineException reconcile, String maintain) {
    String message = "%s Maintain failed too: %s".formatted(reconcile.getMessage(), maintain);
    return reconcile.kind() == PipelineException.Kind.REPAIR_LIMIT_EXCEEDED
        ? PipelineException.repairLimitExceeded(message)
        : PipelineException.unresolvedDrift(message);
  }

  /**
   * @param records the number of rows of the partition
   * @param offsets the number of distinct offsets in these rows
   */
  public static PipelineException archiveHoldsRecordsTwice(
      String table, int partition, String logId, long records, long offsets) {
    return PipelineException.stateMismatch(
        "The table %s holds records of partition %d of log %s more than once: %d rows with %d offsets. Another writer changed it. Restore it to a sound version, or move the lake away and archive the log again."
            .formatted(table, partition, logId, records, offsets));
  }

  /**
   * @param found the number of rows
   * @param archived the number of records that were archived
   */
  public static PipelineException archiveIsIncomplete(String table, long found, long archived) {
    return PipelineException.stateMismatch(
        "The table %s holds %d records, but %d were archived: another writer changed it. Restore it to a sound version, or move the lake away and archive the log again."
            .formatted(table, found, archived));
  }

  /**
   * @param found the number of users in the table
   * @param archived the number of users that the archived events name
   */
  public static PipelineException foldHasOtherUsers(String table, long found, long archived) {
    return unsoundFold(table, "it has %d users, and the archive has %d".formatted(found, archived));
  }

  public static PipelineException usersDifferFromTheirEvents(String table, long users) {
    return unsoundFold(table, "%d users are not what their events fold to".formatted(users));
  }

  private static PipelineException unsoundFold(String table, String what) {
    return PipelineException.stateMismatch(
        "The table %s is not the fold of the archive: %s. Another writer changed it. Fold the whole archive again: fold --full"
            .formatted(table, what));
  }
}
