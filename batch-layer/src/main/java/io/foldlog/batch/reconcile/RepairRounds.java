package io.foldlog.batch.reconcile;

import io.foldlog.batch.errors.BatchLayerErrors;
import io.foldlog.batch.faultpoint.FaultPoints;
import io.foldlog.contract.UserEvent;
import io.foldlog.view.CellWrite;
import io.foldlog.view.RepairedUsers;
import io.foldlog.view.UserViewReader;
import io.foldlog.view.UserViewWriter;
import io.foldlog.view.ViewRow;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Writes repairs and sees whether they take: stored first, then written, then read back; what has
 * not taken is looked at anew and written once more, and what then still has not is blocked.
 */
final class RepairRounds {

  private final KnownRepairs known;
  private final RepairedUsers repairedUsers;
  private final UserViewWriter writer;
  private final UserViewReader reader;
  private final PastEvents pastEvents;
  private final Tally tally;
  private final String run;
  private final InstantSource clock;
  private final FaultPoints faultPoints;
  private final Runnable beforeWriting;
  private final long limit;

  /**
   * Rounds of a run.
   *
   * @param beforeWriting throws if this run may not write
   */
  RepairRounds(
      KnownRepairs known,
      RepairedUsers repairedUsers,
      UserViewWriter writer,
      UserViewReader reader,
      PastEvents pastEvents,
      Tally tally,
      String run,
      InstantSource clock,
      FaultPoints faultPoints,
      Runnable beforeWriting,
      long limit) {
    this.known = known;
    this.repairedUsers = repairedUsers;
    this.writer = writer;
    this.reader = reader;
    this.pastEvents = pastEvents;
    this.tally = tally;
    this.run = run;
    this.clock = clock;
    this.faultPoints = faultPoints;
    this.beforeWriting = beforeWriting;
    this.limit = limit;
  }

  /** A user to repair. */
  record Drift(Suspect suspect, LogState log, List<Discrepancy> discrepancies) {

    UUID user() {
      return suspect.user();
    }
  }

  /** Repairs some users, in two rounds. */
  void repair(List<Drift> drifts, UserComparison comparison) throws InterruptedException {
    Map<UUID, List<Discrepancy>> first = new LinkedHashMap<>();
    Map<UUID, Drift> byUser = new HashMap<>();
    for (Drift drift : drifts) {
      byUser.put(drift.user(), drift);
      first.put(drift.user(), toStore(drift.user(), drift.discrepancies()));
    }
    first.values().removeIf(List::isEmpty);
    write(first, 1);
    first.values().removeIf(each -> each.stream().noneMatch(Discrepancy::isToBeWritten));
    if (first.isEmpty()) {
      return;
    }
    long readAt = micros(clock.instant());
    Map<UUID, ViewRow> rows = reader.readAll(first.keySet());
    Set<UUID> open = new HashSet<>();
    first.forEach(
        (user, discrepancies) -> {
          Optional<ViewRow> row = Optional.ofNullable(rows.get(user));
          boolean shows = row.isPresent() && !byUser.get(user).log().reached().isLive();
          if (hasTaken(discrepancies, row) && !shows) {
            tally.repaired(user);
          } else {
            open.add(user);
          }
        });
    if (!open.isEmpty()) {
      secondRound(open, byUser, rows, comparison.readAt(readAt));
    }
  }

  private void secondRound(
      Set<UUID> users, Map<UUID, Drift> byUser, Map<UUID, ViewRow> rows, UserComparison comparison)
      throws InterruptedException {
    tally.secondRound(users);
    Map<UUID, List<UserEvent>> past = pastEvents.of(users, pastEvents.end());
    Map<UUID, List<Discrepancy>> second = new LinkedHashMap<>();
    for (UUID user : users) {
      LogState log =
          new LogState(byUser.get(user).suspect().folded(), past.getOrDefault(user, List.of()));
      List<Discrepancy> again =
          comparison.compareOnceMore(log, Optional.ofNullable(rows.get(user)), known.of(user));
      if (again.stream().anyMatch(each -> each.placement() == Discrepancy.Placement.LEFT_TO_GAP)) {
        tally.leftToGap(user);
      }
      List<Discrepancy> toStore = toStore(user, again);
      if (toStore.stream().anyMatch(Discrepancy::isToBeWritten)) {
        second.put(user, toStore);
        tally.destructive(user);
      } else if (again.stream().noneMatch(each -> each.finding().isDrift())) {
        tally.repaired(user);
      }
    }
    if (tally.destructive() > limit) {
      throw BatchLayerErrors.repairLimitExceededInSecondRound(tally.destructive(), limit);
    }
    if (second.isEmpty()) {
      return;
    }
    write(second, 2);
    Map<UUID, ViewRow> after = reader.readAll(second.keySet());
    second.forEach(
        (user, discrepancies) -> {
          if (hasTaken(discrepancies, Optional.ofNullable(after.get(user)))) {
            tally.repaired(user);
          } else {
            tally.blocked(user);
          }
        });
  }

  /** What is to be written to the view or stored in the lake. */
  private List<Discrepancy> toStore(UUID user, List<Discrepancy> discrepancies) {
    return discrepancies.stream()
        .filter(
            each ->
                each.finding() == Finding.RAISED ? known.isNew(user, each) : each.isToBeWritten())
        .toList();
  }

  private void write(Map<UUID, List<Discrepancy>> discrepancies, int round)
      throws InterruptedException {
    if (discrepancies.isEmpty()) {
      return;
    }
    if (discrepancies.values().stream()
        .flatMap(List::stream)
        .anyMatch(Discrepancy::isToBeWritten)) {
      beforeWriting.run();
    }
    known.store(discrepancies, round);
    faultPoints.reach("reconcile.stored");
    for (Map.Entry<UUID, List<Discrepancy>> entry : discrepancies.entrySet()) {
      boolean above =
          entry.getValue().stream()
              .anyMatch(each -> each.isAbove() || each.finding() == Finding.RAISED);
      if (above) {
        repairedUsers.record(entry.getKey(), run);
      }
    }
    for (Map.Entry<UUID, List<Discrepancy>> entry : discrepancies.entrySet()) {
      write(entry.getKey(), entry.getValue());
      faultPoints.reach("reconcile.one-written");
    }
    writer.awaitAll();
    faultPoints.reach("reconcile.written");
  }

  private void write(UUID user, List<Discrepancy> discrepancies) throws InterruptedException {
    List<CellWrite> cells = new ArrayList<>();
    for (Discrepancy discrepancy : discrepancies) {
      for (Repair repair : discrepancy.repairs()) {
        if (repair instanceof Repair.Cell cell) {
          cells.add(cell.write());
        } else {
          writer.deleteRow(user, repair.timeMicros());
        }
      }
    }
    if (!cells.isEmpty()) {
      writer.repair(user, cells);
    }
  }

  private static boolean hasTaken(List<Discrepancy> discrepancies, Optional<ViewRow> row) {
    return discrepancies.stream()
        .flatMap(each -> each.repairs().stream())
        .allMatch(repair -> repair.hasTaken(row));
  }

  static long micros(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }
}
