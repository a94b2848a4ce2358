package io.foldlog.speed.sink;

import java.util.Arrays;
import org.apache.spark.sql.connector.write.PhysicalWriteInfo;
import org.apache.spark.sql.connector.write.WriterCommitMessage;
import org.apache.spark.sql.connector.write.streaming.StreamingDataWriterFactory;
import org.apache.spark.sql.connector.write.streaming.StreamingWrite;

/** The part of the sink that runs on the driver. */
final class UserViewStreamingWrite implements StreamingWrite {

  private final RecordLayout layout;
  private final QueryContext query;

  UserViewStreamingWrite(RecordLayout layout, QueryContext query) {
    this.layout = layout;
    this.query = query;
  }

  @Override
  public StreamingDataWriterFactory createStreamingWriterFactory(PhysicalWriteInfo info) {
    query.listener().starting(info.numPartitions());
    return new UserViewWriterFactory(layout, query.settings());
  }

  /** Not needed: writes are idempotent, so several attempts of a task may commit. */
  @Override
  public boolean useCommitCoordinator() {
    return false;
  }

  @Override
  public void commit(long epochId, WriterCommitMessage[] messages) {
    query
        .listener()
        .committing(epochId, Arrays.stream(messages).map(message -> (TaskCommit) message).toList());
  }

  /** Does nothing: the query reads and writes the same records again. */
  @Override
  public void abort(long epochId, WriterCommitMessage[] messages) {}
}
