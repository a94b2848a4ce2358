package io.foldlog.batch.reconcile;

import io.foldlog.batch.reconcile.Discrepancy.Placement;
import io.foldlog.batch.reconcile.ReconcileFigures.Detail;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Counts what a reconcile finds and does, by user, and keeps the first findings and the first
 * unresolved cells.
 */
final class Tally {

  private static final int KEPT = 200;

  private final Map<Finding, Long> findings = new EnumMap<>(Finding.class);
  private final Map<UUID, Map<Finding, List<Discrepancy>>> kept = new LinkedHashMap<>();
  private final Map<UnresolvedReason, Long> unresolved = new EnumMap<>(UnresolvedReason.class);
  private final List<UnresolvedCells> keptUnresolved = new ArrayList<>();
  private final Map<UUID, UserOutcome> outcomes = new HashMap<>();
  private final Set<UUID> destructive = new HashSet<>();
  private final Set<UUID> leftToGap = new HashSet<>();
  private long drifted;
  private long future;
  private long repaired;
  private long secondRound;
  private long blocked;

  /** A user's discrepancies, before anything is written. */
  void found(UUID user, List<Discrepancy> discrepancies) {
    Map<Finding, List<Discrepancy>> byFinding = new EnumMap<>(Finding.class);
    discrepancies.forEach(
        each -> byFinding.computeIfAbsent(each.finding(), finding -> new ArrayList<>()).add(each));
    byFinding.keySet().forEach(finding -> findings.merge(finding, 1L, Long::sum));
    drifted += byFinding.keySet().stream().anyMatch(Finding::isDrift) ? 1 : 0;
    boolean gap =
        discrepancies.stream().anyMatch(each -> each.placement() == Placement.LEFT_TO_GAP);
    if (gap) {
      leftToGap.add(user);
    }
    List<UnresolvedCells> inFuture = UnresolvedCells.leftInFuture(user, discrepancies);
    future += inFuture.isEmpty() ? 0 : 1;
    inFuture.forEach(this::unresolved);
    if (discrepancies.stream().anyMatch(Discrepancy::isAbove)) {
      destructive.add(user);
    }
    if (kept.size() < KEPT && byFinding.keySet().stream().anyMatch(Finding::isDrift)) {
      kept.put(user, byFinding);
      outcomes.put(user, gap ? UserOutcome.EXCLUDED_BY_GAP : UserOutcome.NOT_REPAIRED);
    }
  }

  private void outcome(UUID user, UserOutcome outcome) {
    outcomes.computeIfPresent(user, (id, known) -> outcome);
  }

  void secondRound(Collection<UUID> users) {
    secondRound += users.size();
  }

  void destructive(UUID user) {
    destructive.add(user);
  }

  void repaired(UUID user) {
    repaired++;
    outcome(user, UserOutcome.REPAIRED);
  }

  /** The written repairs have taken, and other cells of the user still differ. */
  void repairedInPart(UUID user) {
    outcome(user, UserOutcome.UNRESOLVED);
  }

  /** Repairs of the user that were refused, or have not taken. */
  void blocked(UUID user, List<UnresolvedCells> cells) {
    blocked++;
    outcome(user, UserOutcome.UNRESOLVED);
    cells.forEach(this::unresolved);
  }

  private void unresolved(UnresolvedCells cells) {
    unresolved.merge(cells.reason(), 1L, Long::sum);
    if (keptUnresolved.size() < KEPT) {
      keptUnresolved.add(cells);
    }
  }

  void leftToGap(UUID user) {
    leftToGap.add(user);
    outcome(user, UserOutcome.EXCLUDED_BY_GAP);
  }

  long drifted() {
    return drifted;
  }

  long destructive() {
    return destructive.size();
  }

  long leftToGap() {
    return leftToGap.size();
  }

  long future() {
    return future;
  }

  long repaired() {
    return repaired;
  }

  long secondRound() {
    return secondRound;
  }

  long blocked() {
    return blocked;
  }

  Map<UnresolvedReason, Long> unresolved() {
    return unresolved;
  }

  List<UnresolvedCells> unresolvedCells() {
    return keptUnresolved;
  }

  Map<String, Long> findings() {
    Map<String, Long> names = new TreeMap<>();
    for (Finding finding : Finding.values()) {
      names.put(finding.name().toLowerCase(Locale.ROOT), findings.getOrDefault(finding, 0L));
    }
    return names;
  }

  List<Detail> details() {
    List<Detail> details = new ArrayList<>();
    kept.forEach(
        (user, byFinding) ->
            byFinding.forEach(
                (finding, discrepancies) -> {
                  if (finding.isDrift()) {
                    details.add(
                        new Detail(
                            user.toString(),
                            finding.name().toLowerCase(Locale.ROOT),
                            discrepancies.stream()
                                .map(each -> UnresolvedCells.name(each.cell()))
                                .toList(),
                            repair(discrepancies.get(0)),
                            outcomes.get(user)));
                  }
                }));
    return details;
  }

  private static String repair(Discrepancy discrepancy) {
    return discrepancy.repairs().isEmpty()
        ? ""
        : KnownRepairs.action(discrepancy.repairs().get(0))
            + " at "
            + discrepancy.repairs().get(0).timeMicros();
  }
}
