package io.foldlog.batch.reconcile;

import io.foldlog.batch.errors.BatchLayerErrors;
import io.foldlog.view.ViewRow;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Cells of a user that still differ from the log, for one reason.
 *
 * @param user whose
 * @param reason why
 * @param cells which columns; the row itself is {@code row}
 * @param message what is known, and what to do; without the user's data
 */
public record UnresolvedCells(
    String user, UnresolvedReason reason, List<String> cells, String message) {

  private static final String ROW_NAME = "row";

  public UnresolvedCells {
    Objects.requireNonNull(user);
    Objects.requireNonNull(reason);
    cells = List.copyOf(cells);
    Objects.requireNonNull(message);
  }

  /** The cells that are written in the future and are left as they are. */
  static List<UnresolvedCells> leftInFuture(UUID user, List<Discrepancy> discrepancies) {
    Map<UnresolvedReason, List<Discrepancy>> byReason = new EnumMap<>(UnresolvedReason.class);
    discrepancies.stream()
        .filter(Discrepancy::isLeftInFuture)
        .forEach(
            each ->
                add(
                    byReason,
                    each.isAtHighestWritetime()
                        ? UnresolvedReason.HIGHEST_WRITETIME
                        : UnresolvedReason.FUTURE_WRITETIME,
                    each));
    return of(user, byReason);
  }

  /**
   * The cells whose repair Cassandra refused.
   *
   * @param reasons Cassandra's message for each cell, at least one
   */
  static UnresolvedCells refused(UUID user, Map<String, String> reasons) {
    List<String> cells =
        new TreeMap<>(reasons).keySet().stream().map(UnresolvedCells::name).toList();
    String reason = reasons.values().iterator().next();
    return new UnresolvedCells(
        user.toString(),
        UnresolvedReason.REJECTED,
        cells,
        BatchLayerErrors.repairIsRefused(reason));
  }

  /** The cells whose repair Cassandra acknowledged, and the row does not show. */
  static List<UnresolvedCells> notTaken(
      UUID user, List<Discrepancy> discrepancies, Optional<ViewRow> row) {
    Map<UnresolvedReason, List<Discrepancy>> byReason = new EnumMap<>(UnresolvedReason.class);
    discrepancies.forEach(
        each ->
            each.repairs().stream()
                .filter(repair -> !repair.hasTaken(row))
                .findFirst()
                .ifPresent(repair -> add(byReason, repair.reason(row), each)));
    return of(user, byReason);
  }

  private static void add(
      Map<UnresolvedReason, List<Discrepancy>> byReason,
      UnresolvedReason reason,
      Discrepancy discrepancy) {
    byReason.computeIfAbsent(reason, key -> new ArrayList<>()).add(discrepancy);
  }

  private static List<UnresolvedCells> of(
      UUID user, Map<UnresolvedReason, List<Discrepancy>> byReason) {
    List<UnresolvedCells> found = new ArrayList<>();
    byReason.forEach(
        (reason, discrepancies) ->
            found.add(
                new UnresolvedCells(
                    user.toString(),
                    reason,
                    discrepancies.stream().map(each -> name(each.cell())).toList(),
                    message(reason, discrepancies))));
    return found;
  }

  private static String message(UnresolvedReason reason, List<Discrepancy> discrepancies) {
    return switch (reason) {
      case FUTURE_WRITETIME -> BatchLayerErrors.cellIsInFuture(observed(discrepancies));
      case HIGHEST_WRITETIME -> BatchLayerErrors.cellHasHighestWritetime();
      case FUTURE_DELETION -> BatchLayerErrors.deletionCoversRepair(written(discrepancies));
      case FUTURE_ROW_MARKER -> BatchLayerErrors.rowMarkerOutlastsRepair(written(discrepancies));
      case NOT_APPLIED -> BatchLayerErrors.repairIsNotApplied(written(discrepancies));
      case REJECTED -> throw new IllegalArgumentException("A refusal has Cassandra's message");
    };
  }

  private static Instant observed(List<Discrepancy> discrepancies) {
    return instant(
        discrepancies.stream().mapToLong(Discrepancy::observedMicros).max().orElseThrow());
  }

  private static Instant written(List<Discrepancy> discrepancies) {
    return instant(
        discrepancies.stream().mapToLong(Discrepancy::latestRepairMicros).max().orElseThrow());
  }

  private static Instant instant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  static String name(String cell) {
    return cell.equals(Discrepancy.ROW) ? ROW_NAME : cell;
  }

  /** As a line for a person. */
  public String line() {
    return "unresolved=%s user=%s cells=%d %s message=\"%s\""
        .formatted(reason, user, cells.size(), ReconcileFigures.shortened(cells), message);
  }
}
