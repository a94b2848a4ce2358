package io.foldlog.batch.reconcile;

import io.foldlog.contract.UserField;
import io.foldlog.contract.UserState;
import io.foldlog.view.CellWrite;
import java.util.List;
import java.util.Objects;

/**
 * One thing that differs, and what would repair it.
 *
 * @param finding what it is
 * @param cell the column, or {@link #ROW}
 * @param observedMicros when the view's cell was written, or {@link UserState#NEVER} where it shows
 *     none
 * @param repairs in the order to write them; none where nothing is to be done, or may be
 * @param placement at what times they are written
 */
public record Discrepancy(
    Finding finding, String cell, long observedMicros, List<Repair> repairs, Placement placement) {

  /** Stands for the row itself. */
  public static final String ROW = "";

  /** At what times repairs are written. */
  public enum Placement {
    /** Nothing is written. */
    NONE,
    /** Nothing is written, because what is there may be of records that the log has lost. */
    LEFT_TO_GAP,
    /** At the events' own times: safe whatever else happens. */
    OWN_TIME,
    /** Above the events' times: overwrites what somebody else wrote. */
    ABOVE
  }

  public Discrepancy {
    Objects.requireNonNull(finding);
    Objects.requireNonNull(cell);
    repairs = List.copyOf(repairs);
    Objects.requireNonNull(placement);
  }

  static Discrepancy noted(Finding finding, UserField field, long observedMicros) {
    return new Discrepancy(finding, field.columnName(), observedMicros, List.of(), Placement.NONE);
  }

  static Discrepancy atOwnTime(
      Finding finding, UserField field, long observedMicros, CellWrite write) {
    return new Discrepancy(
        finding,
        field.columnName(),
        observedMicros,
        List.of(new Repair.Cell(write)),
        Placement.OWN_TIME);
  }

  static Discrepancy above(Finding finding, UserField field, long observedMicros, CellWrite write) {
    return new Discrepancy(
        finding,
        field.columnName(),
        observedMicros,
        List.of(new Repair.Cell(write)),
        Placement.ABOVE);
  }

  static Discrepancy row(Finding finding, long timeMicros, Placement placement) {
    return new Discrepancy(
        finding, ROW, UserState.NEVER, List.of(new Repair.RowDeletion(timeMicros)), placement);
  }

  /** The same finding, to which nothing is done because of an accepted gap. */
  Discrepancy leftToGap() {
    return new Discrepancy(finding, cell, observedMicros, List.of(), Placement.LEFT_TO_GAP);
  }

  /** The time of the latest repair; {@link UserState#NEVER} without repairs. */
  long latestRepairMicros() {
    return repairs.stream().mapToLong(Repair::timeMicros).max().orElse(UserState.NEVER);
  }

  /** The same repair, once more, at the given time at least. */
  Discrepancy onceMoreAt(long micros) {
    return new Discrepancy(
        finding,
        cell,
        observedMicros,
        repairs.stream().map(repair -> repair.notBefore(micros)).toList(),
        Placement.ABOVE);
  }

  /** Whether a cell is written in the future, and is not overwritten. */
  boolean isLeftInFuture() {
    return finding == Finding.FUTURE_WRITETIME && !isToBeWritten();
  }

  /** Whether nothing can be written above the cell. */
  boolean isAtHighestWritetime() {
    return observedMicros == Long.MAX_VALUE;
  }

  boolean isToBeWritten() {
    return placement == Placement.OWN_TIME || placement == Placement.ABOVE;
  }

  boolean isAbove() {
    return placement == Placement.ABOVE;
  }
}
