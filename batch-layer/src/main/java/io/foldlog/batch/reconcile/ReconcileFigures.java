package io.foldlog.batch.reconcile;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.foldlog.batch.lake.CommitMetadata;
import io.foldlog.log.HeldBackRecords;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What a reconcile found and did.
 *
 * @param scope that was looked at
 * @param slice of the ring besides, unless the scope was full
 * @param usersVersion of {@code users} that was compared with
 * @param pinned what that version says of itself; in JSON its offsets (F), as {@code folded}
 * @param end the last stable offsets after the scan (O2)
 * @param heldBack the records past them that an open transaction held back
 * @param users that were folded
 * @param rows of the view that were read
 * @param suspects whose row was not the fold
 * @param drifted users with drift
 * @param findings users by finding
 * @param repaired users whose repairs have all taken
 * @param secondRound users that needed a second round
 * @param unresolved users by reason; a user may count for several
 * @param blocked users whose repairs were refused or did not take
 * @param leftToGap users with cells that may be of records which the log has lost
 * @param leftInFuture users with cells written in the future, not overwritten
 * @param destructive users with repairs above their events' times
 * @param destructiveAtRecordTimes those of them where all that would be overwritten has the times
 *     of the user's own records, so that another decode version wrote it; empty unless this is the
 *     first successful run with its decode version
 * @param limit of those
 * @param dryRun whether nothing was to be written
 * @param newerDecodeVersion the higher decode version that has written to the view, so that this
 *     run only reports
 * @param outcome how it ended
 * @param details the first findings
 * @param unresolvedCells the first cells that still differ
 */
public record ReconcileFigures(
    String scope,
    Optional<Integer> slice,
    long usersVersion,
    @JsonIgnore CommitMetadata pinned,
    String end,
    HeldBackRecords.Summary heldBack,
    long users,
    long rows,
    long suspects,
    long drifted,
    Map<String, Long> findings,
    long repaired,
    long secondRound,
    Map<UnresolvedReason, Long> unresolved,
    long blocked,
    long leftToGap,
    long leftInFuture,
    long destructive,
    Optional<Long> destructiveAtRecordTimes,
    long limit,
    boolean dryRun,
    Optional<Integer> newerDecodeVersion,
    ReconcileOutcome outcome,
    List<Detail> details,
    List<UnresolvedCells> unresolvedCells) {

  /**
   * A finding, without the user's data.
   *
   * @param user whose
   * @param finding what
   * @param cells which columns; the row itself is {@code row}
   * @param repair what was to be written, and when (µs), or empty text
   * @param outcome what became of it
   */
  public record Detail(
      String user, String finding, List<String> cells, String repair, UserOutcome outcome) {

    public Detail {
      Objects.requireNonNull(user);
      Objects.requireNonNull(finding);
      cells = List.copyOf(cells);
      Objects.requireNonNull(repair);
      Objects.requireNonNull(outcome);
    }

    /** As a line for a person. */
    public String line() {
      return "finding=%s user=%s cells=%d %s repair=\"%s\" outcome=%s"
          .formatted(finding, user, cells.size(), shortened(cells), repair, outcome);
    }
  }

  public ReconcileFigures {
    Objects.requireNonNull(scope);
    Objects.requireNonNull(slice);
    Objects.requireNonNull(pinned);
    Objects.requireNonNull(end);
    Objects.requireNonNull(heldBack);
    Objects.requireNonNull(destructiveAtRecordTimes);
    Objects.requireNonNull(newerDecodeVersion);
    findings = Map.copyOf(findings);
    unresolved = Map.copyOf(unresolved);
    Objects.requireNonNull(outcome);
    details = List.copyOf(details);
    unresolvedCells = List.copyOf(unresolvedCells);
  }

  static String shortened(List<String> cells) {
    return cells.size() > 3
        ? "(" + String.join(",", cells.subList(0, 3)) + ",…)"
        : "(" + String.join(",", cells) + ")";
  }

  /** How far the fold had come in the log (F). */
  @JsonProperty
  public String folded() {
    return pinned.offsets().toString();
  }
}
