package io.foldlog.testing.faults;

import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What befalls the pipeline at once: blows, one after another, all before it is brought back. One
 * that was killed and is killed once more was started again in between: it is hit while it
 * recovers.
 *
 * @param blows at least one
 * @param cutOffs where the batch process is to end, for each time that it is killed, if that is the
 *     fault; else empty
 */
record Fault(List<FaultAction> actions, List<String> cutOffs) {

  /** Whom a blow can hit, in the order in which they are brought back. */
  enum Role {
    KAFKA,
    CASSANDRA,
    CONTINUOUS,
    MICRO_BATCH,
    PRODUCER,
    BATCH;

    /** As a person writes it. */
    String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** What a blow does. */
  enum FaultType {
    /** SIGKILL. */
    KILL("killed"),
    /** SIGSTOP, and SIGCONT later, unless it is killed before. */
    FREEZE("frozen");

    private final String done;

    FaultType(String done) {
      this.done = done;
    }
  }

  /** One of the things that happen. */
  record FaultAction(Role role, FaultType type) {

    @Override
    public String toString() {
      return role.text() + " " + type.done;
    }
  }

  Fault {
    actions = List.copyOf(actions);
    cutOffs = List.copyOf(cutOffs);
  }

  /** Something that happens alone. */
  static Fault single(Role role, FaultType type) {
    return new Fault(List.of(new FaultAction(role, type)), List.of());
  }

  /** A batch process that ends at a fault point, and run again at the next, if there is one. */
  static Fault cutOffAt(List<String> points) {
    return new Fault(
        Collections.nCopies(points.size(), new FaultAction(Role.BATCH, FaultType.KILL)), points);
  }

  boolean hits(Role role) {
    return actions.stream().anyMatch(action -> action.role() == role);
  }

  /** Whether it is killed, frozen before or not. */
  boolean kills(Role role) {
    return actions.contains(new FaultAction(role, FaultType.KILL));
  }

  /** How many processes it kills. */
  long killCount() {
    return actions.stream().filter(action -> action.type() == FaultType.KILL).count();
  }

  @Override
  public String toString() {
    return actions.stream().map(FaultAction::toString).collect(Collectors.joining(", "))
        + (cutOffs.isEmpty() ? "" : " at " + String.join(", ", cutOffs));
  }
}
