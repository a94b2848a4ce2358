package io.foldlog.batch.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.batch.reconcile.Discrepancy.Placement;
import io.foldlog.batch.reconcile.UserComparison.FuturePolicy;
import io.foldlog.contract.TestEvents;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserField;
import io.foldlog.contract.UserState;
import io.foldlog.view.FoldOracle;
import io.foldlog.view.ViewRow;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** The table of findings, case by case. F holds what was folded, past what came after it. */
class UserComparisonTest {

  private static final UUID USER = TestEvents.user(1);
  private static final UserField NAME = UserField.FIRST_NAME;
  private static final long SCANNED = 1_000_000_000_000_000L;
  private static final long MINUTE = 60_000_000L;

  private final UserComparison comparison =
      new UserComparison(SCANNED, FuturePolicy.REPORT, List.of());

  @Test
  void shouldFindNothingWhereTheRowIsTheFold() {
    assertThat(compare(log(folded(100, "A")), row("A", 100))).isEmpty();
    assertThat(compare(log(folded(100, "A").delete(200)), Optional.empty())).isEmpty();
    assertThat(UserComparison.isSame(folded(100, "A"), row("A", 100))).isTrue();
    assertThat(UserComparison.isSame(folded(100, "A"), row("A", 101))).isFalse();
    assertThat(UserComparison.isSame(folded(100, "A"), Optional.empty())).isFalse();
    assertThat(UserComparison.isSame(folded(100, "A").delete(200), row("A", 100))).isFalse();
  }

  @Test
  void shouldWriteAMissingCellAtItsOwnTime() {
    assertFinding(
        compare(log(folded(100, "A")), Optional.empty()),
        Finding.MISSING,
        Placement.OWN_TIME,
        "value A at 100");
  }

  @Test
  void shouldReplaceAStaleCellAtItsOwnTime() {
    assertFinding(
        compare(log(folded(200, "B")), row("A", 100)),
        Finding.STALE,
        Placement.OWN_TIME,
        "value B at 200");
    assertFinding(
        compare(log(folded(100, "B")), row("A", 100)),
        Finding.STALE,
        Placement.OWN_TIME,
        "value B at 100");
    assertFinding(
        compare(log(folded(100, "A").clear(NAME, 200)), row("A", 100)),
        Finding.STALE,
        Placement.OWN_TIME,
        "tombstone at 200");
    assertFinding(
        compare(log(folded(100, "A").clear(NAME, 100)), row("A", 100)),
        Finding.STALE,
        Placement.OWN_TIME,
        "tombstone at 100");
  }

  @Test
  void shouldDeleteAgainAtItsOwnTimeWhatADeletionShouldHaveTaken() {
    for (long time : new long[] {100, 200}) {
      List<Discrepancy> found = compare(log(folded(100, "A").delete(200)), row("A", time));
      assertFinding(found, Finding.STALE, Placement.OWN_TIME, "row deletion at 200");
      assertThat(found.get(0).cell()).isEqualTo(Discrepancy.ROW);
    }
  }

  @Test
  void shouldDeleteTheEmptyRowOfADeletedUser() {
    assertFinding(
        compare(log(folded(100, "A").delete(200)), emptyRow()),
        Finding.STALE,
        Placement.OWN_TIME,
        "row deletion at 200");
  }

  @Test
  void shouldLeaveWhatEventsPastTheFoldExplain() {
    assertFinding(compare(log(folded(100, "A"), updated(200, "B")), row("B", 200)), Finding.AHEAD);
    assertFinding(
        compare(log(folded(100, "A"), updated(200, "")), Optional.empty()), Finding.AHEAD);
    assertFinding(compare(log(folded(100, "A"), deleted(100)), Optional.empty()), Finding.AHEAD);
    assertFinding(
        compare(log(new UserState(), updated(200, "B"), updated(300, "C")), row("B", 200)),
        Finding.AHEAD);
    assertThat(compare(log(folded(100, "A"), updated(200, "B")), row("A", 100))).isEmpty();
    assertThat(compare(log(folded(100, "A").delete(200), updated(300, "B")), emptyRow())).isEmpty();
  }

  @Test
  void shouldLeaveAForeignCellThatAnEventPastTheFoldWillReplace() {
    assertFinding(compare(log(folded(100, "A"), updated(300, "B")), row("X", 200)), Finding.BEHIND);
    assertFinding(compare(log(folded(100, "A"), deleted(200)), row("X", 200)), Finding.BEHIND);
  }

  @Test
  void shouldOverwriteAForeignCellJustAboveIt() {
    assertFinding(
        compare(log(folded(100, "A")), row("X", 500)),
        Finding.FOREIGN,
        Placement.ABOVE,
        "value A at 501");
    assertFinding(
        compare(log(folded(100, "A")), row("B", 100)),
        Finding.FOREIGN,
        Placement.ABOVE,
        "value A at 101");
    assertFinding(
        compare(log(folded(100, "A").clear(NAME, 200)), row("X", 500)),
        Finding.FOREIGN,
        Placement.ABOVE,
        "tombstone at 500");
    assertFinding(
        compare(log(folded(100, "A").delete(200)), row("X", 500)),
        Finding.FOREIGN,
        Placement.ABOVE,
        "tombstone at 500");
    assertFinding(
        compare(log(folded(100, "A"), updated(300, "B")), row("X", 500)),
        Finding.FOREIGN,
        Placement.ABOVE,
        "value B at 501");
  }

  @Test
  void shouldOverwriteACellThatExpires() {
    assertFinding(
        compare(log(folded(100, "A")), expiring("A", 100)),
        Finding.FOREIGN,
        Placement.ABOVE,
        "value A at 101");
    assertFinding(
        compare(log(folded(100, "A"), updated(200, "B")), expiring("B", 200)),
        Finding.FOREIGN,
        Placement.ABOVE,
        "value B at 201");
  }

  @Test
  void shouldClearTheCellsOfAGhost() {
    assertFinding(
        compare(log(new UserState()), row("X", 500)),
        Finding.GHOST,
        Placement.ABOVE,
        "tombstone at 500");
    assertFinding(
        compare(log(new UserState()), emptyRow()),
        Finding.GHOST,
        Placement.ABOVE,
        "row deletion at " + SCANNED);
  }

  @Test
  void shouldLeaveTheRightValueAtAHigherTime() {
    assertFinding(compare(log(folded(100, "A")), row("A", 500)), Finding.NEWER_WRITETIME);
  }

  @Test
  void shouldReportACellOfTheFutureUnlessToldToOverwriteIt() {
    long future = SCANNED + 6 * MINUTE;
    UserComparison overwriting = new UserComparison(SCANNED, FuturePolicy.OVERWRITE, List.of());
    assertFinding(compare(log(folded(100, "A")), row("X", future)), Finding.FUTURE_WRITETIME);
    assertFinding(compare(log(folded(100, "A")), row("A", future)), Finding.FUTURE_WRITETIME);
    assertFinding(compare(log(new UserState()), row("X", future)), Finding.FUTURE_WRITETIME);
    assertFinding(
        overwriting.compare(log(folded(100, "A")), row("X", future), Set.of()),
        Finding.FUTURE_WRITETIME,
        Placement.ABOVE,
        "value A at " + (future + 1));
    assertFinding(
        comparison.compare(
            log(folded(100, "A")),
            row("A", future),
            Set.of(UserComparison.cellAt(NAME.columnName(), future))),
        Finding.NEWER_WRITETIME);
    assertFinding(
        compare(log(folded(100, "A")), row("X", SCANNED + 4 * MINUTE)),
        Finding.FOREIGN,
        Placement.ABOVE,
        "value A at " + (SCANNED + 4 * MINUTE + 1));
  }

  @Test
  void shouldWriteNothingAboveTheHighestWritetime() {
    UserComparison overwriting = new UserComparison(SCANNED, FuturePolicy.OVERWRITE, List.of());
    for (LogState log :
        List.of(
            log(folded(100, "A")),
            log(folded(100, "A").clear(NAME, 200)),
            log(folded(100, "A").delete(200)),
            log(new UserState()))) {
      for (UserComparison each : List.of(comparison, overwriting)) {
        List<Discrepancy> found = each.compare(log, row("X", Long.MAX_VALUE), Set.of());
        assertFinding(found, Finding.FUTURE_WRITETIME);
        assertThat(UnresolvedCells.leftInFuture(USER, found))
            .extracting(UnresolvedCells::reason)
            .containsExactly(UnresolvedReason.HIGHEST_WRITETIME);
      }
    }
    assertFinding(
        overwriting.compare(log(folded(100, "A")), row("X", Long.MAX_VALUE - 1), Set.of()),
        Finding.FUTURE_WRITETIME,
        Placement.ABOVE,
        "value A at " + Long.MAX_VALUE);
  }

  @Test
  void shouldSayWhyAnAcknowledgedRepairDoesNotShow() {
    Repair value = compare(log(folded(100, "A")), Optional.empty()).get(0).repairs().get(0);
    assertThat(value.reason(Optional.empty())).isEqualTo(UnresolvedReason.FUTURE_DELETION);
    assertThat(value.reason(emptyRow())).isEqualTo(UnresolvedReason.FUTURE_DELETION);
    assertThat(value.reason(row("B", 99))).isEqualTo(UnresolvedReason.NOT_APPLIED);
    Repair tombstone = compare(log(new UserState()), row("X", 500)).get(0).repairs().get(0);
    assertThat(tombstone.reason(row("X", 500))).isEqualTo(UnresolvedReason.NOT_APPLIED);
    Repair deletion = new Repair.RowDeletion(500);
    assertThat(deletion.reason(emptyRow())).isEqualTo(UnresolvedReason.FUTURE_ROW_MARKER);
    assertThat(deletion.reason(row("X", 500))).isEqualTo(UnresolvedReason.NOT_APPLIED);
  }

  @Test
  void shouldNotRemoveWhatMayBeOfRecordsThatTheLogHasLost() {
    UserComparison afterGap =
        new UserComparison(SCANNED, FuturePolicy.REPORT, List.of(new GapWindow(400, 600)));
    assertFinding(
        afterGap.compare(log(folded(100, "A")), row("X", 500), Set.of()),
        Finding.FOREIGN,
        Placement.LEFT_TO_GAP);
    assertFinding(
        afterGap.compare(log(new UserState()), row("X", 500), Set.of()),
        Finding.GHOST,
        Placement.LEFT_TO_GAP);
    assertFinding(
        afterGap.compare(log(new UserState()), row("X", 700), Set.of()),
        Finding.GHOST,
        Placement.ABOVE,
        "tombstone at 700");
    assertFinding( // what then is left of it
        afterGap.compareOnceMore(log(new UserState()), emptyRow(), Set.of()),
        Finding.GHOST,
        Placement.ABOVE,
        "row deletion at " + SCANNED);
    assertFinding(
        afterGap.compare(log(folded(100, "A")), row("X", 700), Set.of()),
        Finding.FOREIGN,
        Placement.ABOVE,
        "value A at 701");
    assertFinding(
        afterGap.compareOnceMore(log(folded(100, "A")), Optional.empty(), Set.of()),
        Finding.MISSING,
        Placement.LEFT_TO_GAP);
    assertFinding(
        afterGap.compareOnceMore(log(folded(700, "A")), Optional.empty(), Set.of()),
        Finding.MISSING,
        Placement.ABOVE,
        "value A at " + SCANNED);
  }

  @Test
  void shouldWriteOnceMoreAtTheInstantOfTheReading() {
    assertFinding(
        comparison.compareOnceMore(log(folded(100, "A")), Optional.empty(), Set.of()),
        Finding.MISSING,
        Placement.ABOVE,
        "value A at " + SCANNED);
    assertFinding(
        comparison.compareOnceMore(log(folded(100, "A").delete(200)), emptyRow(), Set.of()),
        Finding.STALE,
        Placement.ABOVE,
        "row deletion at " + SCANNED);
    assertFinding(
        comparison.compareOnceMore(
            log(folded(100, "A"), updated(200, "B")), row("B", 200), Set.of()),
        Finding.AHEAD);
  }

  @Test
  void shouldTakeARepairForTakenAtOrAboveItsTime() {
    Repair value = compare(log(folded(100, "A")), Optional.empty()).get(0).repairs().get(0);
    assertThat(value.hasTaken(row("A", 100))).isTrue();
    assertThat(value.hasTaken(row("B", 101))).isTrue();
    assertThat(value.hasTaken(row("B", 99))).isFalse();
    assertThat(value.hasTaken(Optional.empty())).isFalse();
    Repair tombstone = compare(log(new UserState()), row("X", 500)).get(0).repairs().get(0);
    assertThat(tombstone.hasTaken(Optional.empty())).isTrue();
    assertThat(tombstone.hasTaken(emptyRow())).isTrue();
    assertThat(tombstone.hasTaken(row("X", 500))).isFalse();
    assertThat(tombstone.hasTaken(row("Y", 501))).isTrue();
    Repair deletion = new Repair.RowDeletion(500);
    assertThat(deletion.hasTaken(Optional.empty())).isTrue();
    assertThat(deletion.hasTaken(emptyRow())).isFalse();
    assertThat(deletion.hasTaken(row("X", 500))).isFalse();
    assertThat(deletion.hasTaken(row("X", 501))).isTrue();
  }

  /** Whatever subset of the events past F the speed layer had written: it is no drift. */
  @Property(tries = 2000)
  void shouldCallNoViewOfTheSpeedLayerDrift(@ForAll long seed) {
    Random random = new Random(seed);
    UserState folded = new UserState();
    for (int number = random.nextInt(4); number > 0; number--) {
      folded.apply(event(random));
    }
    List<UserEvent> past =
        random.ints(random.nextInt(4), 0, 1).mapToObj(each -> event(random)).toList();
    UserState view = folded.copy();
    past.stream().filter(each -> random.nextBoolean()).forEach(view::apply);
    List<Discrepancy> found =
        comparison.compare(new LogState(folded, past), FoldOracle.row(USER, view), Set.of());
    assertThat(found).allMatch(each -> !each.finding().isDrift() && each.repairs().isEmpty());
    if (past.isEmpty()) {
      assertThat(found).isEmpty();
      assertThat(UserComparison.isSame(folded, FoldOracle.row(USER, view))).isTrue();
    }
  }

  private static UserEvent event(Random random) {
    long time = 100 + random.nextInt(5);
    return switch (random.nextInt(4)) {
      case 0 -> deleted(time);
      case 1 -> updated(time, "");
      default -> updated(time, random.nextBoolean() ? "A" : "B");
    };
  }

  private List<Discrepancy> compare(LogState log, Optional<ViewRow> row) {
    return comparison.compare(log, row, Set.of());
  }

  private static void assertFinding(List<Discrepancy> found, Finding finding) {
    assertFinding(found, finding, Placement.NONE);
  }

  private static void assertFinding(
      List<Discrepancy> found, Finding finding, Placement placement, String... repairs) {
    List<Discrepancy> named =
        found.stream()
            .filter(each -> each.cell().isEmpty() || each.cell().equals(NAME.columnName()))
            .toList();
    assertThat(named).hasSize(1);
    assertThat(named.get(0).finding()).isEqualTo(finding);
    assertThat(named.get(0).placement()).isEqualTo(placement);
    assertThat(named.get(0).repairs())
        .extracting(UserComparisonTest::text)
        .containsExactly(repairs);
  }

  private static String text(Repair repair) {
    if (repair instanceof Repair.Cell cell && !cell.write().isTombstone()) {
      return "value %s at %d"
          .formatted(new String(cell.write().value(), StandardCharsets.UTF_8), repair.timeMicros());
    }
    return KnownRepairs.action(repair) + " at " + repair.timeMicros();
  }

  /** A state whose only cell is the name. */
  private static UserState folded(long time, String name) {
    return new UserState().written(time).set(NAME, bytes(name), time);
  }

  private static LogState log(UserState folded, UserEvent... past) {
    return new LogState(folded, List.of(past));
  }

  private static Optional<ViewRow> row(String name, long time) {
    return Optional.of(ViewRow.of(USER).cell(NAME, bytes(name), time, 0).build());
  }

  private static Optional<ViewRow> expiring(String name, long time) {
    return Optional.of(ViewRow.of(USER).cell(NAME, bytes(name), time, 60).build());
  }

  private static Optional<ViewRow> emptyRow() {
    return Optional.of(ViewRow.of(USER).build());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static UserEvent updated(long time, String name) {
    return TestEvents.updated(USER, time).set(NAME, name).build();
  }

  private static UserEvent deleted(long time) {
    return TestEvents.deleted(USER, time);
  }
}
