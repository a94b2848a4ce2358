package io.foldlog.admin.verify;

import static java.util.Objects.requireNonNull;

import io.foldlog.admin.verify.Comparison.Criteria;
import io.foldlog.contract.UserState;
import io.foldlog.log.HeldBackRecords;
import io.foldlog.view.DecodeVersions;
import io.foldlog.view.RepairedUsers;
import io.foldlog.view.UserViewReader;
import io.foldlog.view.ViewRow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the whole view with the fold of the whole log. Reads the log before the view. Compares
 * users that differ a second time with the log as it is then, so that an event in between is not
 * reported as a difference. Can wait until the remaining differences disappear.
 */
public final class Verification {

  private static final Logger LOG = LoggerFactory.getLogger(Verification.class);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final int MAX_SHOWN = 20;

  /** Pauses between two comparisons. */
  @FunctionalInterface
  public interface Pause {
    /** Returns whether to stop waiting. */
    boolean pause(Duration duration) throws InterruptedException;
  }

  private final LogFold fold;
  private final UserViewReader view;
  private final RepairedUsers repairedUsers;
  private final DecodeVersions versions;
  private Set<UUID> repaired = Set.of();

  /**
   * Creates a verification of the view. It advances the fold. Fold and view can be used again
   * afterwards.
   */
  public Verification(
      LogFold fold, UserViewReader view, RepairedUsers repairedUsers, DecodeVersions versions) {
    this.fold = requireNonNull(fold);
    this.view = requireNonNull(view);
    this.repairedUsers = requireNonNull(repairedUsers);
    this.versions = requireNonNull(versions);
  }

  /**
   * Runs the verification.
   *
   * @param await how long to wait until no differences remain; with zero, users that differ are
   *     compared only twice
   */
  public VerificationResult run(Duration await, Pause pause) throws InterruptedException {
    long end = System.nanoTime() + await.toNanos();
    fold.advance();
    Scan scan = new Scan();
    view.scan(scan::compare);
    Set<UUID> candidates = scan.candidates();
    List<Difference> differences = recheck(candidates);
    while (!differences.isEmpty() && System.nanoTime() < end) {
      LOG.info("event=differences_found users={} events={}", candidates.size(), fold.events());
      if (pause.pause(PAUSE)) {
        break;
      }
      differences = recheck(candidates);
    }
    return new VerificationResult(
        fold.position().toString(),
        heldBack(),
        fold.events(),
        fold.rejected(),
        fold.users().size(),
        fold.users().values().stream().filter(UserState::isLive).count(),
        scan.rows,
        fold.decodeVersion(),
        versions.highest(),
        repaired.size(),
        candidates.size(),
        differences.stream()
            .sorted(Comparator.comparing(Difference::userId).thenComparing(Difference::column))
            .limit(MAX_SHOWN)
            .toList(),
        differences.size());
  }

  private HeldBackRecords.Summary heldBack() {
    Instant now = Instant.now();
    return fold.heldBack(now).summary(now);
  }

  /**
   * Compares the candidates again. Removes those that no longer differ and returns the differences
   * of the others.
   */
  private List<Difference> recheck(Set<UUID> candidates) {
    if (candidates.isEmpty()) {
      return List.of();
    }
    repaired = repairedUsers.all();
    List<Difference> differences = new ArrayList<>();
    fold.advance();
    Map<UUID, ViewRow> rows = view.readAll(candidates);
    candidates.removeIf(
        userId -> {
          List<Difference> found = compare(userId, Optional.ofNullable(rows.get(userId)));
          differences.addAll(found);
          return found.isEmpty();
        });
    return differences;
  }

  private List<Difference> compare(UUID userId, Optional<ViewRow> row) {
    Criteria criteria =
        repaired.contains(userId) ? Criteria.VALUES : Criteria.VALUES_AND_WRITETIMES;
    return Comparison.differences(userId, fold.user(userId), row, criteria);
  }

  /** One scan of the view. Collects the users that differ. */
  private final class Scan {

    private final Set<UUID> seen = new HashSet<>();
    private final Set<UUID> differing = new HashSet<>();
    private long rows;

    void compare(ViewRow row) {
      rows++;
      seen.add(row.id());
      if (!Verification.this.compare(row.id(), Optional.of(row)).isEmpty()) {
        differing.add(row.id());
      }
    }

    Set<UUID> candidates() {
      fold.users()
          .forEach(
              (userId, state) -> {
                if (state.isLive() && !seen.contains(userId)) {
                  differing.add(userId);
                }
              });
      return differing;
    }
  }
}
