package io.foldlog.testing.faults;

import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * One fault: a sequence of actions on targets. The targets are restarted or resumed after the last
 * action. A target that is killed twice is restarted between the kills, so the second kill happens
 * while it recovers.
 *
 * @param actions at least one
 * @param haltPoints the fault points at which the batch process ends, one for each kill; empty if
 *     the fault does not use fault points
 */
record Fault(List<FaultAction> actions, List<String> haltPoints) {

  /** The targets, in the order in which they are restarted or resumed. */
  enum TargetType {
    KAFKA,
    CASSANDRA,
    CONTINUOUS,
    MICRO_BATCH,
    PRODUCER,
    BATCH;

    String displayName() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  enum FaultType {
    /** SIGKILL. */
    KILL("killed"),
    /** SIGSTOP, and later SIGCONT unless the target is killed before. */
    FREEZE("frozen");

    private final String description;

    FaultType(String description) {
      this.description = description;
    }
  }

  record FaultAction(TargetType target, FaultType type) {

    @Override
    public String toString() {
      return target.displayName() + " " + type.description;
    }
  }

  Fault {
    actions = List.copyOf(actions);
    haltPoints = List.copyOf(haltPoints);
  }

  /** A fault with one action. */
  static Fault single(TargetType target, FaultType type) {
    return new Fault(List.of(new FaultAction(target, type)), List.of());
  }

  /** A batch process that ends at the first fault point. Each restart ends at the next one. */
  static Fault haltAt(List<String> points) {
    return new Fault(
        Collections.nCopies(points.size(), new FaultAction(TargetType.BATCH, FaultType.KILL)),
        points);
  }

  boolean affects(TargetType target) {
    return actions.stream().anyMatch(action -> action.target() == target);
  }

  /** Whether the fault kills the target, even if it freezes it first. */
  boolean kills(TargetType target) {
    return actions.contains(new FaultAction(target, FaultType.KILL));
  }

  long killCount() {
    return actions.stream().filter(action -> action.type() == FaultType.KILL).count();
  }

  @Override
  public String toString() {
    return actions.stream().map(FaultAction::toString).collect(Collectors.joining(", "))
        + (haltPoints.isEmpty() ? "" : " at " + String.join(", ", haltPoints));
  }
}
