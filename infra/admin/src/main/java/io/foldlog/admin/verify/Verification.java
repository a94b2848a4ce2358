package io.foldlog.admin.verify;

import static java.util.Objects.requireNonNull;

import io.foldlog.admin.verify.Comparison.Promise;
import io.foldlog.contract.UserState;
import io.foldlog.view.RepairedUsers;
import io.foldlog.view.UserViewReader;
import io.foldlog.view.ViewRow;
import java.time.Duration;
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
 * Compares the whole view with the fold of the whole log. The log is read before the view, and what
 * differs is looked at again against the log as it is then, so that an event in between is not
 * taken for a difference; what still differs may be waited for.
 */
public final class Verification {

  private static final Logger LOG = LoggerFactory.getLogger(Verification.class);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final int MOST_SHOWN = 20;

  /** Ends the wait before its time. */
  @FunctionalInterface
  public interface Pause {
    /** Returns whether the wait is over for good. */
    boolean pause(Duration duration) throws InterruptedException;
  }

  private final LogFold fold;
  private final UserViewReader view;
  private final RepairedUsers repairedUsers;
  private Set<UUID> repaired = Set.of();

  /**
   * A verification of a view against a fold, which it takes further; both may be used again and for
   * other views.
   */
  public Verification(LogFold fold, UserViewReader view, RepairedUsers repairedUsers) {
    this.fold = requireNonNull(fold);
    this.view = requireNonNull(view);
    this.repairedUsers = requireNonNull(repairedUsers);
  }

  /**
   * Verifies.
   *
   * @param await how long to wait for differences to vanish; zero looks twice and no more
   */
  public VerificationResult run(Duration await, Pause pause) throws InterruptedException {
    long end = System.nanoTime() + await.toNanos();
    fold.advance();
    Scan scan = new Scan();
    view.scan(scan::compare);
    Set<UUID> suspects = scan.suspects();
    List<Difference> differences = lookAgain(suspects);
    while (!differences.isEmpty() && System.nanoTime() < end) {
      LOG.info("event=differences_found users={} events={}", suspects.size(), fold.events());
      if (pause.pause(PAUSE)) {
        break;
      }
      differences = lookAgain(suspects);
    }
    return new VerificationResult(
        fold.position().toString(),
        fold.events(),
        fold.rejected(),
        fold.users().size(),
        fold.users().values().stream().filter(UserState::isLive).count(),
        scan.rows,
        repaired.size(),
        suspects.size(),
        differences.stream()
            .sorted(Comparator.comparing(Difference::userId).thenComparing(Difference::column))
            .limit(MOST_SHOWN)
            .toList(),
        differences.size());
  }

  /** Leaves among the suspects those that still differ, and says how. */
  private List<Difference> lookAgain(Set<UUID> suspects) {
    if (suspects.isEmpty()) {
      return List.of();
    }
    repaired = repairedUsers.all();
    List<Difference> differences = new ArrayList<>();
    fold.advance();
    Map<UUID, ViewRow> rows = view.readAll(suspects);
    suspects.removeIf(
        userId -> {
          List<Difference> found = compare(userId, Optional.ofNullable(rows.get(userId)));
          differences.addAll(found);
          return found.isEmpty();
        });
    return differences;
  }

  private List<Difference> compare(UUID userId, Optional<ViewRow> row) {
    Promise promise = repaired.contains(userId) ? Promise.VALUES : Promise.VALUES_AND_TIMES;
    return Comparison.differences(userId, fold.user(userId), row, promise);
  }

  /** One pass over the view: who differs, and who shows. */
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

    Set<UUID> suspects() {
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
