package io.foldlog.testing.faults;

import io.foldlog.testing.faults.Fault.FaultAction;
import io.foldlog.testing.faults.Fault.FaultType;
import io.foldlog.testing.faults.Fault.TargetType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/**
 * The faults for a seed and a number of kills. The first faults kill each kind of target once. Then
 * three kinds of faults alternate:
 *
 * <ul>
 *   <li>one target that is killed or frozen, until each target was both;
 *   <li>a batch process that ends at up to three fault points of one step, each fault point once;
 *   <li>a sequence of actions on several targets.
 * </ul>
 */
final class FaultPlan {

  /** The fault points of the batch layer, in the order in which a run reaches them. */
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

  record BatchPoint(String step, String name) {}

  private static final int MAX_HALTS_PER_FAULT = 3;

  private final Random random;
  private final List<Fault> faults = new ArrayList<>();
  private final List<Fault> unusedSingles = new ArrayList<>();
  private final List<BatchPoint> unusedPoints = new ArrayList<>(BATCH_POINTS);

  private FaultPlan(Random random) {
    this.random = random;
    Collections.shuffle(unusedPoints, random);
    for (TargetType target : TargetType.values()) {
      for (FaultType type : FaultType.values()) {
        unusedSingles.add(Fault.single(target, type));
      }
    }
    Collections.shuffle(unusedSingles, random);
  }

  /** Returns a plan with at least that many kills. Without its last fault it has fewer. */
  static List<Fault> of(int kills, Random random) {
    FaultPlan plan = new FaultPlan(random);
    plan.addKillOfEachTarget();
    while (plan.killCount() < kills) {
      plan.addSequence();
      plan.addSingle();
      plan.addSequence();
      plan.addSingle();
      plan.addHalts(MAX_HALTS_PER_FAULT);
    }
    while (plan.killCount() - plan.lastFault().killCount() >= kills) {
      plan.faults.remove(plan.faults.size() - 1); // by index, because another fault may be equal
    }
    return List.copyOf(plan.faults);
  }

  private long killCount() {
    return faults.stream().mapToLong(Fault::killCount).sum();
  }

  private Fault lastFault() {
    return faults.get(faults.size() - 1);
  }

  private void addKillOfEachTarget() {
    TargetType speed = random.nextBoolean() ? TargetType.CONTINUOUS : TargetType.MICRO_BATCH;
    for (TargetType target :
        List.of(TargetType.PRODUCER, TargetType.KAFKA, TargetType.CASSANDRA, speed)) {
      Fault fault = Fault.single(target, FaultType.KILL);
      unusedSingles.remove(fault);
      faults.add(fault);
    }
    addHalts(1);
    Collections.shuffle(faults, random);
  }

  private void addSingle() {
    if (!unusedSingles.isEmpty()) {
      faults.add(unusedSingles.remove(0));
    }
  }

  private void addHalts(int max) {
    if (!unusedPoints.isEmpty()) {
      String step = unusedPoints.get(0).step();
      List<BatchPoint> next =
          unusedPoints.stream()
              .filter(point -> point.step().equals(step))
              .limit(max)
              .sorted(Comparator.comparing(BATCH_POINTS::indexOf))
              .toList();
      unusedPoints.removeAll(next);
      faults.add(Fault.haltAt(next.stream().map(BatchPoint::name).toList()));
    }
  }

  /**
   * Adds a sequence: a server is frozen or killed, then all other targets except the batch layer
   * are killed or frozen. In half of the sequences the frozen server is then killed, so that
   * requests that it had accepted and not processed are lost, and no client can repeat them. Some
   * or all of the killed targets are killed again while they recover.
   */
  private void addSequence() {
    TargetType server = random.nextBoolean() ? TargetType.KAFKA : TargetType.CASSANDRA;
    FaultType type = random.nextInt(3) == 0 ? FaultType.KILL : FaultType.FREEZE;
    List<FaultAction> actions = new ArrayList<>(List.of(new FaultAction(server, type)));
    List<TargetType> others =
        new ArrayList<>(
            List.of(
                TargetType.CONTINUOUS,
                TargetType.MICRO_BATCH,
                TargetType.PRODUCER,
                server == TargetType.KAFKA ? TargetType.CASSANDRA : TargetType.KAFKA));
    Collections.shuffle(others, random);
    for (TargetType other : others) {
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
