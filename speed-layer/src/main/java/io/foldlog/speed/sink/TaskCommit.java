package io.foldlog.speed.sink;

import org.apache.spark.sql.connector.write.WriterCommitMessage;

/** What a task did in one batch or epoch, all of it durable. */
public sealed interface TaskCommit extends WriterCommitMessage {

  /** The task read no record. */
  record NoRecords() implements TaskCommit {}

  /**
   * The task read records, all of one partition.
   *
   * @param partition of the log
   * @param nextOffset the first offset of the partition that was not read
   * @param fingerprint of the last record that was read
   * @param read records
   * @param written events
   * @param rejected dead letters
   */
  record Records(
      int partition, long nextOffset, long fingerprint, long read, long written, long rejected)
      implements TaskCommit {

    public Records {
      if (partition < 0 || nextOffset < 1 || read < 1 || read != written + rejected) {
        throw new IllegalArgumentException(
            "partition=%d next_offset=%d read=%d written=%d rejected=%d"
                .formatted(partition, nextOffset, read, written, rejected));
      }
    }
  }
}
