package io.foldlog.speed.sink;

import java.util.Arrays;
import java.util.Objects;
import org.apache.spark.sql.connector.write.PhysicalWriteInfo;
import org.apache.spark.sql.connector.write.WriterCommitMessage;
import org.apache.spark.sql.connector.write.streaming.StreamingDataWriterFactory;
import org.apache.spark.sql.connector.write.streaming.StreamingWrite;

/** The driver's side of the sink. */
final class UserViewStreamingWrite implements StreamingWrite {

  private final RecordLayout layout;
  private final SinkSettings settings;
  private final CommitListener listener;

  UserViewStreamingWrite(RecordLayout layout, SinkSettings settings) {
    this.layout = layout;
    this.settings = settings;
    this.listener = Objects.requireNonNull(CommitListener.BY_QUERY.get(settings.query()));
  }

  @Override
  public StreamingDataWriterFactory createStreamingWriterFactory(PhysicalWriteInfo info) {
    listener.starting(info.numPartitions());
    return new UserViewWriterFactory(layout, settings);
  }

  /** Writes may be repeated at will, so no task has to be asked whether it may commit. */
  @Override
  public boolean useCommitCoordinator() {
    return false;
  }

  @Override
  public void commit(long epochId, WriterCommitMessage[] messages) {
    listener.committing(
        epochId, Arrays.stream(messages).map(message -> (TaskCommit) message).toList());
  }

  /** There is nothing to undo: what was written is of the log, and is read again. */
  @Override
  public void abort(long epochId, WriterCommitMessage[] messages) {}
}
