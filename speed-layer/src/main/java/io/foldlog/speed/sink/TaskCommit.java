package io.foldlog.speed.sink;

import org.apache.spark.sql.connector.write.WriterCommitMessage;

/**
 * What a task did in one batch or epoch, all of it durable.
 *
 * @param partition of the log; -1 when no record was read
 * @param nextOffset the first offset of the partition that was not read
 * @param read records
 * @param written events
 * @param rejected dead letters
 * @param fingerprint of the last record that was read
 */
public record TaskCommit(
    int partition, long nextOffset, long read, long written, long rejected, long fingerprint)
    implements WriterCommitMessage {}
