package io.foldlog.speed.sink;

import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.write.DataWriter;
import org.apache.spark.sql.connector.write.streaming.StreamingDataWriterFactory;

/** Creates the writer of a task for each batch or epoch, on the executor. */
record UserViewWriterFactory(RecordLayout layout, SinkSettings settings)
    implements StreamingDataWriterFactory {

  @Override
  public DataWriter<InternalRow> createWriter(int partitionId, long taskId, long epochId) {
    return new UserViewDataWriter(layout, ExecutorContext.of(settings));
  }
}
