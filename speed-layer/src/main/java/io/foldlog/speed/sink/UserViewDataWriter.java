package io.foldlog.speed.sink;

import io.foldlog.contract.DecodeResult;
import io.foldlog.contract.Rejection;
import io.foldlog.contract.UserEvent;
import io.foldlog.log.DeadLetter;
import io.foldlog.log.LogRecord;
import io.foldlog.speed.meters.ExecutorMeters;
import java.io.IOException;
import java.io.InterruptedIOException;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.write.DataWriter;
import org.apache.spark.sql.connector.write.WriterCommitMessage;

/**
 * Writes the records of one task in one batch or epoch. {@link #commit} returns when all writes are
 * acknowledged, because Spark may commit the checkpoint as soon as it returns.
 */
final class UserViewDataWriter implements DataWriter<InternalRow> {

  private final RecordLayout layout;
  private final ExecutorContext context;
  private final WriterSlot slot;
  private final ExecutorMeters meters;

  private LogRecord last;
  private long read;
  private long written;
  private long rejected;
  private boolean durable;

  UserViewDataWriter(RecordLayout layout, ExecutorContext context) {
    this.layout = layout;
    this.context = context;
    this.slot = context.borrow();
    this.meters = context.meters();
  }

  @Override
  public void write(InternalRow row) throws IOException {
    LogRecord record = layout.read(row, context.settings().logId());
    read++;
    meters.read();
    DecodeResult decoded = record.decodeWith(slot.decoder());
    if (decoded instanceof UserEvent event) {
      write(event, record);
    } else {
      context
          .deadLetters()
          .send(new DeadLetter(record, context.settings().topic(), (Rejection) decoded));
      rejected++;
    }
    last = record;
  }

  private void write(UserEvent event, LogRecord record) throws IOException {
    try {
      slot.writer()
          .write(
              event,
              context.settings().topic(),
              record.partition(),
              record.offset(),
              record.timestampMillis());
    } catch (InterruptedException stopped) {
      throw interruptedWhile("writing", stopped);
    }
    written++;
    if (event.unknownMembers() > 0) {
      meters.unknownMembers(event.unknownMembers());
    }
  }

  @Override
  public WriterCommitMessage commit() throws IOException {
    try {
      slot.writer().awaitAll();
    } catch (InterruptedException stopped) {
      throw interruptedWhile("waiting for acknowledgements", stopped);
    }
    if (rejected > 0) {
      context.deadLetters().flush();
      meters.rejected(rejected);
    }
    durable = true;
    return last == null
        ? new TaskCommit.NoRecords()
        : new TaskCommit.Records(
            last.partition(), last.offset() + 1, last.fingerprint(), read, written, rejected);
  }

  /**
   * The failure of an interrupted task. If Spark stops the task, it expects the
   * InterruptedException. Any other interruption must fail the task, because in continuous mode
   * Spark would continue and commit without this writer's records.
   */
  private static IOException interruptedWhile(String doing, InterruptedException stopped) {
    TaskContext task = TaskContext.get();
    if (task != null && task.isInterrupted()) {
      UserViewDataWriter.<RuntimeException>throwUnchecked(stopped);
    }
    Thread.currentThread().interrupt();
    IOException failure = new InterruptedIOException("Stopped while " + doing);
    failure.initCause(stopped);
    return failure;
  }

  @SuppressWarnings("unchecked") // the cast has no effect, because generics are erased
  private static <E extends Throwable> void throwUnchecked(Throwable failure) throws E {
    throw (E) failure;
  }

  /** Does nothing: writes cannot be undone and may be repeated. */
  @Override
  public void abort() {}

  @Override
  public void close() {
    if (durable) {
      context.giveBack(slot);
    }
  }
}
