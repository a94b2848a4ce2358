package io.foldlog.batch.reconcile;

import io.foldlog.contract.UserField;
import io.foldlog.view.CellWrite;
import io.foldlog.view.ViewRow;
import java.util.Objects;
import java.util.Optional;

/** One write that brings the view back to the log. */
public sealed interface Repair {

  /** Of a row, µs. */
  long timeMicros();

  /** The same write, not before that time. */
  Repair notBefore(long micros);

  /** Whether the row, read back, shows that the write has taken: this, or something newer. */
  boolean hasTaken(Optional<ViewRow> row);

  /** Writes a cell. */
  record Cell(CellWrite write) implements Repair {

    public Cell {
      Objects.requireNonNull(write);
    }

    @Override
    public long timeMicros() {
      return write.timeMicros();
    }

    @Override
    public Repair notBefore(long micros) {
      long time = Math.max(micros, write.timeMicros());
      return new Cell(
          write.isTombstone()
              ? CellWrite.tombstone(write.field(), time)
              : CellWrite.value(write.field(), write.value(), time));
    }

    @Override
    public boolean hasTaken(Optional<ViewRow> row) {
      UserField field = write.field();
      boolean shows = row.filter(found -> found.hasValue(field)).isPresent();
      if (write.isTombstone()) {
        return !shows || row.orElseThrow().writetime(field) > write.timeMicros();
      }
      return shows && row.orElseThrow().writetime(field) >= write.timeMicros();
    }
  }

  /** Deletes the row: all its cells at or before the time. */
  record RowDeletion(long timeMicros) implements Repair {

    @Override
    public Repair notBefore(long micros) {
      return new RowDeletion(Math.max(micros, timeMicros));
    }

    @Override
    public boolean hasTaken(Optional<ViewRow> row) {
      if (row.isEmpty()) {
        return true;
      }
      boolean showsValue = false;
      for (UserField field : UserField.all()) {
        if (row.get().hasValue(field)) {
          showsValue = true;
          if (row.get().writetime(field) <= timeMicros) {
            return false;
          }
        }
      }
      return showsValue;
    }
  }
}
