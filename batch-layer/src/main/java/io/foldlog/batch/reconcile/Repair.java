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

  /**
   * Why an acknowledged write does not show. Equal times are in favour of a tombstone, and against
   * a row marker.
   *
   * @param row the row, by which the write has not taken
   */
  UnresolvedReason reason(Optional<ViewRow> row);

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

    @Override
    public UnresolvedReason reason(Optional<ViewRow> row) {
      boolean shows = row.filter(found -> found.hasValue(write.field())).isPresent();
      return write.isTombstone() || shows
          ? UnresolvedReason.NOT_APPLIED
          : UnresolvedReason.FUTURE_DELETION;
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

    @Override
    public UnresolvedReason reason(Optional<ViewRow> row) {
      return row.filter(found -> UserField.all().stream().noneMatch(found::hasValue)).isPresent()
          ? UnresolvedReason.FUTURE_ROW_MARKER
          : UnresolvedReason.NOT_APPLIED;
    }
  }
}
