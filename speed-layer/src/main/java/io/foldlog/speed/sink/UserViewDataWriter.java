package io.foldlog.speed.sink;

import io.foldlog.contract.Decoded;
import io.foldlog.contract.Rejection;
import io.foldlog.contract.TimestampKind;
import io.foldlog.contract.UserEvent;
import io.foldlog.log.DeadLetter;
import io.foldlog.log.LogPlace;
import io.foldlog.log.LogRecord;
import io.foldlog.speed.meters.ExecutorMeters;
import java.io.IOException;
import java.io.InterruptedIOException;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.write.DataWriter;
import org.apache.spark.sql.connector.write.WriterCommitMessage;

/**
 * Writes the records of one task in one batch or epoch. {@link #commit} returns when all of them
 * are acknowledged, because nothing that comes later is waited for: Spark moves the checkpoint on
 * as soon as it has returned.
 */
final class UserViewDataWriter implements DataWriter<InternalRow> {

  private final RecordLayout layout;
  private final ViewConnections connections;
  private final ViewConnections.Lane lane;
  private final ExecutorMeters meters = ExecutorMeters.LOCAL;

  private int partition = -1;
  private long nextOffset;
  private long lastTimestampMillis;
  private byte[] lastKey;
  private byte[] lastValue;
  private long read;
  private long written;
  private long rejected;
  private boolean durable;

  UserViewDataWriter(RecordLayout layout, ViewConnections connections) {
    this.layout = layout;
    this.connections = connections;
    this.lane = connections.borrow();
  }

  @Override
  public void write(InternalRow row) throws IOException {
    partition = layout.partition(row);
    long offset = layout.offset(row);
    byte[] key = layout.key(row);
    byte[] value = layout.value(row);
    TimestampKind timestampKind = layout.timestampKind(row);
    long timestampMillis = layout.timestampMillis(row);
    read++;
    meters.read();
    Decoded decoded = lane.decoder().decode(key, value, timestampKind, timestampMillis, offset);
    if (decoded instanceof UserEvent event) {
      write(event, offset, timestampMillis);
    } else {
      LogPlace place = new LogPlace(connections.settings().topicId(), partition, offset);
      connections
          .deadLetters()
          .send(
              new DeadLetter(
                  new LogRecord(
                      place, timestampKind, timestampMillis, key, value, layout.headers(row)),
                  connections.settings().topic(),
                  (Rejection) decoded));
      rejected++;
    }
    nextOffset = offset + 1;
    lastTimestampMillis = timestampMillis;
    lastKey = key;
    lastValue = value;
  }

  private void write(UserEvent event, long offset, long timestampMillis) throws IOException {
    try {
      lane.writer()
          .write(event, connections.settings().topic(), partition, offset, timestampMillis);
    } catch (InterruptedException stopped) {
      throw stoppedWhile("writing", stopped);
    }
    written++;
    if (event.unknownMembers() > 0) {
      meters.unknownMembers(event.unknownMembers());
    }
  }

  @Override
  public WriterCommitMessage commit() throws IOException {
    try {
      lane.writer().awaitAll();
    } catch (InterruptedException stopped) {
      throw stoppedWhile("waiting for acknowledgements", stopped);
    }
    if (rejected > 0) {
      connections.deadLetters().flush();
      meters.rejected(rejected);
    }
    durable = true;
    return new TaskCommit(
        partition,
        nextOffset,
        read,
        written,
        rejected,
        LogRecord.fingerprint(lastTimestampMillis, lastKey, lastValue));
  }

  /**
   * The failure for a task that was interrupted. Where Spark stops the task, it wants to hear of
   * the interruption itself; any other interruption must fail the task, because in continuous mode
   * Spark would go on after it, and commit without this writer's records.
   */
  private static IOException stoppedWhile(String doing, InterruptedException stopped) {
    TaskContext task = TaskContext.get();
    if (task != null && task.isInterrupted()) {
      UserViewDataWriter.<RuntimeException>throwUnchecked(stopped);
    }
    Thread.currentThread().interrupt();
    IOException failure = new InterruptedIOException("Stopped while " + doing);
    failure.initCause(stopped);
    return failure;
  }

  @SuppressWarnings("unchecked") // the cast is never made: generics are erased
  private static <E extends Throwable> void throwUnchecked(Throwable failure) throws E {
    throw (E) failure;
  }

  /** What was given away cannot be called back, and need not be. */
  @Override
  public void abort() {}

  @Override
  public void close() {
    if (durable) {
      connections.giveBack(lane);
    }
  }
}
