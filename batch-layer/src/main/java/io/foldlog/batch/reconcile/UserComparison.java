package io.foldlog.batch.reconcile;

import io.foldlog.batch.reconcile.Discrepancy.Placement;
import io.foldlog.contract.UserField;
import io.foldlog.contract.UserState;
import io.foldlog.view.CellWrite;
import io.foldlog.view.ViewRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Compares a user's row with the log, cell by cell, and says what would repair it. Pure: the same
 * row and log give the same answer.
 *
 * <p>Whatever the speed layer had written when the row was read is an event of the log by now; so
 * what neither the fold nor an event past it explains, no event wrote.
 */
public final class UserComparison {

  /** What to do about cells written in the future. */
  public enum FuturePolicy {
    REPORT,
    OVERWRITE
  }

  private static final long FUTURE_MICROS = TimeUnit.MINUTES.toMicros(5);

  private final long readAtMicros;
  private final FuturePolicy future;
  private final List<GapWindow> gaps;

  /**
   * Rules of one reading.
   *
   * @param readAtMicros an instant before the rows were read, µs
   * @param gaps that were accepted
   */
  public UserComparison(long readAtMicros, FuturePolicy future, List<GapWindow> gaps) {
    this.readAtMicros = readAtMicros;
    this.future = Objects.requireNonNull(future);
    this.gaps = List.copyOf(gaps);
  }

  /** The same rules for a later reading. */
  public UserComparison readAt(long micros) {
    return new UserComparison(micros, future, gaps);
  }

  long readAtMicros() {
    return readAtMicros;
  }

  /** Whether the row is the fold, cell by cell and time by time. */
  public static boolean isSame(UserState folded, Optional<ViewRow> row) {
    if (row.isEmpty()) {
      return !folded.isLive();
    }
    if (!folded.isLive()) {
      return false;
    }
    for (UserField field : UserField.all()) {
      if (folded.hasValue(field) != row.get().hasValue(field)) {
        return false;
      }
      if (folded.hasValue(field)
          && (folded.time(field) != row.get().writetime(field)
              || row.get().hasTimeToLive(field)
              || !Arrays.equals(folded.value(field), row.get().value(field)))) {
        return false;
      }
    }
    return true;
  }

  /**
   * What differs.
   *
   * @param row what the view showed, if it did
   * @param ownRepairs the user's cells that a reconcile wrote, as {@link #cellAt}
   */
  public List<Discrepancy> compare(LogState log, Optional<ViewRow> row, Set<String> ownRepairs) {
    if (log.isUnknown()) {
      return row.map(this::ghost).orElse(List.of());
    }
    List<Discrepancy> found = new ArrayList<>();
    boolean showsValue = false;
    boolean undeleted = false;
    for (UserField field : UserField.all()) {
      if (row.isPresent() && row.get().hasValue(field)) {
        showsValue = true;
        if (row.get().writetime(field) <= log.folded().deletedAt()) {
          undeleted = true;
        } else {
          shown(log, field, row.get(), ownRepairs).ifPresent(found::add);
        }
      } else {
        hidden(log, field).ifPresent(found::add);
      }
    }
    boolean emptyRow =
        row.isPresent() && !showsValue && !log.folded().isLive() && !log.pastWroteRow();
    if (undeleted || emptyRow) {
      found.add(Discrepancy.row(Finding.STALE, log.reached().deletedAt(), Placement.OWN_TIME));
    }
    return found;
  }

  /** Names a cell at a time. */
  public static String cellAt(String cell, long micros) {
    return cell + "@" + micros;
  }

  /** A cell that shows a value, past the fold's deletion. */
  private Optional<Discrepancy> shown(
      LogState log, UserField field, ViewRow row, Set<String> ownRepairs) {
    UserState folded = log.folded();
    byte[] value = row.value(field);
    long written = row.writetime(field);
    long foldedTime = folded.time(field);
    boolean expires = row.hasTimeToLive(field);
    boolean sameAsFolded = folded.hasValue(field) && Arrays.equals(folded.value(field), value);
    if (written == foldedTime && sameAsFolded && !expires) {
      return Optional.empty();
    }
    if (written < foldedTime || (written == foldedTime && isBelow(value, folded, field))) {
      return Optional.of(Discrepancy.atOwnTime(Finding.STALE, field, written, ownCell(log, field)));
    }
    if (!expires && log.pastWrote(field, value, written)) {
      return Optional.of(Discrepancy.noted(Finding.AHEAD, field, written));
    }
    if (log.willReplace(field, value, written)) {
      return Optional.of(Discrepancy.noted(Finding.BEHIND, field, written));
    }
    UserState reached = log.reached();
    boolean sameAsReached = reached.hasValue(field) && Arrays.equals(reached.value(field), value);
    boolean right = !expires && (sameAsFolded || sameAsReached);
    if (isFuture(written) && !(right && ownRepairs.contains(cellAt(field.columnName(), written)))) {
      return Optional.of(future(field, written, () -> foreignRepair(log, field, written)));
    }
    if (right && written > foldedTime) {
      return Optional.of(Discrepancy.noted(Finding.NEWER_WRITETIME, field, written));
    }
    return Optional.of(
        unlessOfGap(
            Discrepancy.above(
                Finding.FOREIGN, field, written, foreignRepair(log, field, written))));
  }

  /** Of equal times a tombstone is above a value, and of two values the larger bytes. */
  private static boolean isBelow(byte[] value, UserState folded, UserField field) {
    return !folded.hasValue(field) || Arrays.compareUnsigned(value, folded.value(field)) < 0;
  }

  /** A cell that shows no value. */
  private static Optional<Discrepancy> hidden(LogState log, UserField field) {
    UserState folded = log.folded();
    if (!folded.hasValue(field)) {
      return Optional.empty();
    }
    return Optional.of(
        log.pastRemoved(field, folded.time(field))
            ? Discrepancy.noted(Finding.AHEAD, field, UserState.NEVER)
            : Discrepancy.atOwnTime(Finding.MISSING, field, UserState.NEVER, ownCell(log, field)));
  }

  /** The log's cell at its own time. */
  private static CellWrite ownCell(LogState log, UserField field) {
    UserState state = log.reached();
    if (state.time(field) == UserState.NEVER) {
      return CellWrite.tombstone(field, state.deletedAt());
    }
    return state.hasValue(field)
        ? CellWrite.value(field, state.value(field), state.time(field))
        : CellWrite.tombstone(field, state.time(field));
  }

  /** The log's value just above what was observed; a tombstone wins at the same time. */
  private static CellWrite foreignRepair(LogState log, UserField field, long observed) {
    UserState state = log.reached();
    return state.hasValue(field)
        ? CellWrite.value(field, state.value(field), observed + 1)
        : CellWrite.tombstone(field, observed);
  }

  private List<Discrepancy> ghost(ViewRow row) {
    List<Discrepancy> found = new ArrayList<>();
    for (UserField field : UserField.all()) {
      if (row.hasValue(field)) {
        long written = row.writetime(field);
        CellWrite repair = CellWrite.tombstone(field, written);
        found.add(
            isFuture(written)
                ? future(field, written, () -> repair)
                : unlessOfGap(Discrepancy.above(Finding.GHOST, field, written, repair)));
      }
    }
    if (found.isEmpty()) { // nor of a lost event, because each of them leaves cells
      found.add(Discrepancy.row(Finding.GHOST, readAtMicros, Placement.ABOVE));
    }
    return found;
  }

  private boolean isFuture(long micros) {
    return micros > readAtMicros + FUTURE_MICROS;
  }

  /** A tombstone at the highest time would hide the cell for ever, so none is written either. */
  private Discrepancy future(UserField field, long written, Supplier<CellWrite> repair) {
    return future == FuturePolicy.OVERWRITE && written != Long.MAX_VALUE
        ? Discrepancy.above(Finding.FUTURE_WRITETIME, field, written, repair.get())
        : Discrepancy.noted(Finding.FUTURE_WRITETIME, field, written);
  }

  private Discrepancy unlessOfGap(Discrepancy discrepancy) {
    return gaps.stream().anyMatch(gap -> gap.holds(discrepancy.observedMicros()))
        ? discrepancy.leftToGap()
        : discrepancy;
  }

  /**
   * What is still unexplained after a repair that did not take: the same, once more, at the instant
   * of this reading, because what lies over it may be a tombstone, whose time cannot be read.
   */
  public List<Discrepancy> compareOnceMore(
      LogState log, Optional<ViewRow> row, Set<String> ownRepairs) {
    return compare(log, row, ownRepairs).stream().map(this::onceMore).toList();
  }

  private Discrepancy onceMore(Discrepancy discrepancy) {
    if (!discrepancy.isToBeWritten()) {
      return discrepancy;
    }
    boolean mayBeOfGap =
        discrepancy.placement() == Placement.OWN_TIME
            && discrepancy.repairs().stream()
                .anyMatch(
                    repair -> gaps.stream().anyMatch(gap -> gap.canCover(repair.timeMicros())));
    return mayBeOfGap ? discrepancy.leftToGap() : discrepancy.onceMoreAt(readAtMicros);
  }
}
