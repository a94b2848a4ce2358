package io.foldlog.speed.sink;

import org.apache.spark.sql.connector.write.WriterCommitMessage;

/** The durable work of one task in one batch or epoch. */
public sealed interface TaskCommit extends WriterCommitMessage {

  /** The task read no record. */
  record NoRecords() implements TaskCommit {}

  /**
   * The task read records, all of one partition.
   *
   * @param partition of the log
   * @param nextOffset the offset after the last record that was read
   * @param fingerprint of the last record that was read
   * @param read number of records
   * @param written number of events
   * @param rejected number of dead letters
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
