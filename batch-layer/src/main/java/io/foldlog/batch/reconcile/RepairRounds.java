package io.foldlog.batch.reconcile;

import io.foldlog.batch.errors.BatchLayerErrors;
import io.foldlog.batch.faultpoint.FaultPoints;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserState;
import io.foldlog.view.CellWrite;
import io.foldlog.view.RejectedRepair;
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
import java.util.stream.Collectors;

/**
 * Writes repairs and checks that they take effect. A repair is stored, written and read back. If it
 * has not taken effect, the user is compared again and repaired in a second round. What still has
 * not taken effect is unresolved. A repair that Cassandra refuses is unresolved too, and the others
 * are written.
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

    /** Whether the user keeps a cell that is written in the future. */
    boolean leavesFuture() {
      return discrepancies.stream().anyMatch(Discrepancy::isLeftInFuture);
    }

    /** The time of the latest repair in the future; {@link UserState#NEVER} without one. */
    long latestFutureMicros() {
      return discrepancies.stream()
          .filter(each -> each.finding() == Finding.FUTURE_WRITETIME)
          .mapToLong(Discrepancy::latestRepairMicros)
          .max()
          .orElse(UserState.NEVER);
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
    RejectedCells refused = new RejectedCells();
    refused.add(write(first, 1));
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
          if (hasTaken(refused.without(user, discrepancies), row) && !shows) {
            taken(byUser.get(user), refused);
          } else {
            open.add(user);
          }
        });
    if (!open.isEmpty()) {
      secondRound(open, byUser, rows, refused, comparison.readAt(readAt));
    }
  }

  /** Every repair of the user that Cassandra did not refuse has taken. */
  private void taken(Drift drift, RejectedCells refused) {
    if (refused.holds(drift.user())) {
      unresolved(drift, refused, List.of(), Optional.empty());
    } else if (drift.leavesFuture()) {
      tally.repairedInPart(drift.user());
    } else {
      tally.repaired(drift.user());
    }
  }

  private void secondRound(
      Set<UUID> users,
      Map<UUID, Drift> byUser,
      Map<UUID, ViewRow> rows,
      RejectedCells refused,
      UserComparison comparison)
      throws InterruptedException {
    tally.secondRound(users);
    Map<UUID, List<UserEvent>> past = pastEvents.of(users, pastEvents.end().offsets());
    Map<UUID, List<Discrepancy>> second = new LinkedHashMap<>();
    for (UUID user : users) {
      LogState log =
          new LogState(byUser.get(user).suspect().folded(), past.getOrDefault(user, List.of()));
      List<Discrepancy> again =
          refused
              .without(
                  user,
                  comparison.compareOnceMore(
                      log, Optional.ofNullable(rows.get(user)), known.of(user)))
              .stream()
              .map(each -> withRowMarker(each, byUser.get(user)))
              .toList();
      if (again.stream().anyMatch(each -> each.placement() == Discrepancy.Placement.LEFT_TO_GAP)) {
        tally.leftToGap(user);
      }
      List<Discrepancy> toStore = toStore(user, again);
      if (toStore.stream().anyMatch(Discrepancy::isToBeWritten)) {
        second.put(user, toStore);
        tally.destructive(user);
      } else if (refused.holds(user)
          || again.stream().noneMatch(each -> each.finding().isDrift())) {
        taken(byUser.get(user), refused);
      }
    }
    if (tally.destructive() > limit) {
      throw BatchLayerErrors.repairLimitExceededInSecondRound(tally.destructive(), limit);
    }
    if (second.isEmpty()) {
      return;
    }
    refused.add(write(second, 2));
    Map<UUID, ViewRow> after = reader.readAll(second.keySet());
    Map<UUID, List<Discrepancy>> left = new LinkedHashMap<>();
    second.forEach(
        (user, discrepancies) -> {
          List<Discrepancy> written = refused.without(user, discrepancies);
          if (hasTaken(written, Optional.ofNullable(after.get(user)))) {
            taken(byUser.get(user), refused);
          } else {
            left.put(user, written);
          }
        });
    if (!left.isEmpty()) {
      explain(left, byUser, after, refused, comparison);
    }
  }

  /**
   * Reports why repairs of the second round have not taken effect. An event that was written in the
   * meantime is also an explanation, and is not drift.
   */
  private void explain(
      Map<UUID, List<Discrepancy>> left,
      Map<UUID, Drift> byUser,
      Map<UUID, ViewRow> rows,
      RejectedCells refused,
      UserComparison comparison)
      throws InterruptedException {
    Map<UUID, List<UserEvent>> past = pastEvents.of(left.keySet(), pastEvents.end().offsets());
    left.forEach(
        (user, discrepancies) -> {
          Drift drift = byUser.get(user);
          Optional<ViewRow> row = Optional.ofNullable(rows.get(user));
          LogState log = new LogState(drift.suspect().folded(), past.getOrDefault(user, List.of()));
          Set<String> drifting =
              comparison.compare(log, row, known.of(user)).stream()
                  .filter(each -> each.finding().isDrift())
                  .map(Discrepancy::cell)
                  .collect(Collectors.toSet());
          List<Discrepancy> unresolved =
              discrepancies.stream()
                  .filter(each -> drifting.contains(each.cell()))
                  .filter(each -> !hasTaken(List.of(each), row))
                  .toList();
          if (unresolved.isEmpty()) {
            taken(drift, refused);
          } else {
            unresolved(drift, refused, unresolved, row);
          }
        });
  }

  private void unresolved(
      Drift drift, RejectedCells refused, List<Discrepancy> notTaken, Optional<ViewRow> row) {
    UUID user = drift.user();
    List<UnresolvedCells> cells = new ArrayList<>();
    if (refused.holds(user)) {
      cells.add(UnresolvedCells.refused(user, refused.of(user)));
    }
    cells.addAll(UnresolvedCells.notTaken(user, notTaken, row));
    tally.blocked(user, cells);
  }

  /** An INSERT in the future wrote a row marker besides the cells, at the same time. */
  private static Discrepancy withRowMarker(Discrepancy discrepancy, Drift drift) {
    return discrepancy.cell().equals(Discrepancy.ROW) && discrepancy.isToBeWritten()
        ? discrepancy.onceMoreAt(drift.latestFutureMicros())
        : discrepancy;
  }

  /** What is to be written to the view or stored in the lake. */
  private List<Discrepancy> toStore(UUID user, List<Discrepancy> discrepancies) {
    return discrepancies.stream()
        .filter(
            each ->
                each.finding() == Finding.NEWER_WRITETIME
                    ? known.isNew(user, each)
                    : each.isToBeWritten())
        .toList();
  }

  /** Returns the repairs that Cassandra refused. */
  private List<RejectedRepair> write(Map<UUID, List<Discrepancy>> discrepancies, int round)
      throws InterruptedException {
    if (discrepancies.isEmpty()) {
      return List.of();
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
              .anyMatch(each -> each.isAbove() || each.finding() == Finding.NEWER_WRITETIME);
      if (above) {
        repairedUsers.record(entry.getKey(), run);
      }
    }
    for (Map.Entry<UUID, List<Discrepancy>> entry : discrepancies.entrySet()) {
      write(entry.getKey(), entry.getValue());
      faultPoints.reach("reconcile.one-written");
    }
    List<RejectedRepair> refused = writer.awaitRepairs();
    faultPoints.reach("reconcile.written");
    return refused;
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
