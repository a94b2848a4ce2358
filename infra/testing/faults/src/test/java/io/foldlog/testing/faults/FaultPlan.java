package io.foldlog.testing.faults;

import io.foldlog.testing.faults.Fault.FaultAction;
import io.foldlog.testing.faults.Fault.FaultType;
import io.foldlog.testing.faults.Fault.Role;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/**
 * Which faults a seed gives, for so many kills. First each class of subject killed once; then, in
 * turn, one that is frozen or killed alone until everybody was both, a batch process cut off at up
 * to three fault points of a step, one run after another and each point once, and sequences of
 * blows.
 */
final class FaultPlan {

  /** The steps of the batch layer, and the fault points of each, as a run comes by them. */
  static final List<BatchPoint> BATCH_POINTS =
      List.of(
          new BatchPoint("archive", "archive.planned"),
          new BatchPoint("archive", "events.committing"),
          new BatchPoint("archive", "archive.appended"),
          new BatchPoint("fold", "fold.folded"),
          new BatchPoint("fold", "rejected_events.committing"),
          new BatchPoint("fold", "fold.rejections-written"),
          new BatchPoint("fold", "registrations_by_day.committing"),
          new BatchPoint("fold", "fold.registrations-written"),
          new BatchPoint("fold", "users.committing"),
          new BatchPoint("fold", "fold.users-written"),
          new BatchPoint("reconcile", "reconcile.scanned"),
          new BatchPoint("reconcile", "repairs.committing"),
          new BatchPoint("reconcile", "reconcile.stored"),
          new BatchPoint("reconcile", "reconcile.one-written"),
          new BatchPoint("reconcile", "reconcile.written"),
          new BatchPoint("reconcile", "reconcile_runs.committing"),
          new BatchPoint("maintain", "maintain.compacted"));

  /** A fault point of a step. */
  record BatchPoint(String step, String name) {}

  private static final int POINTS_AT_ONCE = 3;

  private final Random random;
  private final List<Fault> faults = new ArrayList<>();
  private final List<Fault> singles = new ArrayList<>();
  private final List<BatchPoint> points = new ArrayList<>(BATCH_POINTS);

  private FaultPlan(Random random) {
    this.random = random;
    Collections.shuffle(points, random);
    for (Role role : Role.values()) {
      for (FaultType type : FaultType.values()) {
        singles.add(Fault.single(role, type));
      }
    }
    Collections.shuffle(singles, random);
  }

  /** Faults with at least so many kills, and none more than it takes. */
  static List<Fault> of(int kills, Random random) {
    FaultPlan plan = new FaultPlan(random);
    plan.eachClass();
    while (plan.kills() < kills) {
      plan.sequence();
      plan.single();
      plan.sequence();
      plan.single();
      plan.cutOff(POINTS_AT_ONCE);
    }
    while (plan.kills() - plan.last().killCount() >= kills) {
      plan.faults.remove(plan.faults.size() - 1); // by place: another may be equal
    }
    return List.copyOf(plan.faults);
  }

  private long kills() {
    return faults.stream().mapToLong(Fault::killCount).sum();
  }

  private Fault last() {
    return faults.get(faults.size() - 1);
  }

  private void eachClass() {
    Role speed = random.nextBoolean() ? Role.CONTINUOUS : Role.MICRO_BATCH;
    for (Role role : List.of(Role.PRODUCER, Role.KAFKA, Role.CASSANDRA, speed)) {
      Fault fault = Fault.single(role, FaultType.KILL);
      singles.remove(fault);
      faults.add(fault);
    }
    cutOff(1);
    Collections.shuffle(faults, random);
  }

  private void single() {
    if (!singles.isEmpty()) {
      faults.add(singles.remove(0));
    }
  }

  private void cutOff(int most) {
    if (!points.isEmpty()) {
      String step = points.get(0).step();
      List<BatchPoint> next =
          points.stream()
              .filter(point -> point.step().equals(step))
              .limit(most)
              .sorted(Comparator.comparing(BATCH_POINTS::indexOf))
              .toList();
      points.removeAll(next);
      faults.add(Fault.cutOffAt(next.stream().map(BatchPoint::name).toList()));
    }
  }

  /**
   * A server that is away, frozen or killed; meanwhile all others but the batch layer killed or
   * frozen, and then, half of the times, the frozen server killed: what it took in and did not yet
   * do is gone, and nobody is left who remembers. Some of the killed, and at times all, are killed
   * again while they recover.
   */
  private void sequence() {
    Role server = random.nextBoolean() ? Role.KAFKA : Role.CASSANDRA;
    FaultType type = random.nextInt(3) == 0 ? FaultType.KILL : FaultType.FREEZE;
    List<FaultAction> actions = new ArrayList<>(List.of(new FaultAction(server, type)));
    List<Role> others =
        new ArrayList<>(
            List.of(
                Role.CONTINUOUS,
                Role.MICRO_BATCH,
                Role.PRODUCER,
                server == Role.KAFKA ? Role.CASSANDRA : Role.KAFKA));
    Collections.shuffle(others, random);
    for (Role other : others) {
      actions.add(
          new FaultAction(other, random.nextInt(5) == 0 ? FaultType.FREEZE : FaultType.KILL));
    }
    if (type == FaultType.FREEZE && random.nextBoolean()) {
      actions.add(new FaultAction(server, FaultType.KILL));
    }
    List<FaultAction> kills =
        new ArrayList<>(
            actions.stream().filter(action -> action.type() == FaultType.KILL).toList());
    Collections.shuffle(kills, random);
    int again = Math.min(kills.size(), 2 + random.nextInt(others.size()));
    actions.addAll(kills.subList(0, again));
    faults.add(new Fault(actions, List.of()));
  }
}
