package io.foldlog.testing.scenarios;

import io.foldlog.batch.reconcile.UserOutcome;
import io.foldlog.contract.UserEvent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A {@code story.conf}: what happens to some users in each cycle, and the expected results.
 *
 * @param name of the story's folder
 * @param users the users' names in the story
 * @param cycles in the order in which they run
 */
record Story(String name, Set<String> users, List<Cycle> cycles) {

  Story {
    users = Set.copyOf(users);
    cycles = List.copyOf(cycles);
  }

  static UUID user(String story, String name) {
    return UUID.nameUUIDFromBytes((story + "/" + name).getBytes(StandardCharsets.UTF_8));
  }

  UUID user(String user) {
    return user(name, user);
  }

  /** Whether its cycles name runs of the batch layer, so that no other story can share them. */
  boolean isIsolated() {
    return cycles.stream().anyMatch(cycle -> !cycle.runs().isEmpty());
  }

  /**
   * Returns a cycle. After the last cycle of the story, nothing happens and the rows stay the same.
   *
   * @param number from 0
   */
  Cycle cycle(int number) {
    return number < cycles.size()
        ? cycles.get(number)
        : Cycle.withoutChanges(cycles.get(cycles.size() - 1).rows());
  }

  /** All events of the story, including those of {@link Meanwhile}. */
  Stream<UserEvent> events() {
    return cycles.stream()
        .flatMap(
            cycle ->
                Stream.concat(
                    cycle.events().stream(),
                    cycle.runs().stream().flatMap(run -> run.meanwhile().events().stream())));
  }

  @Override
  public String toString() {
    return name;
  }

  /**
   * A cycle. The parameters take effect in their order.
   *
   * @param events events to record; the speed layer writes them before the damage
   * @param damage operator steps
   * @param runs runs of the batch layer; empty if the cycle is shared with other stories
   * @param findings the expected findings of the reports for the story's users
   * @param allOtherUsers the expected finding for each other user who has a row; usually empty
   * @param rows the expected rows after the runs
   */
  record Cycle(
      List<UserEvent> events,
      List<String> damage,
      List<Run> runs,
      List<Finding> findings,
      Optional<String> allOtherUsers,
      Map<String, String> rows) {

    Cycle {
      events = List.copyOf(events);
      damage = List.copyOf(damage);
      runs = List.copyOf(runs);
      findings = List.copyOf(findings);
      rows = Map.copyOf(rows);
    }

    static Cycle withoutChanges(Map<String, String> rows) {
      return new Cycle(List.of(), List.of(), List.of(), List.of(), Optional.empty(), rows);
    }
  }

  /**
   * An expected detail of a report.
   *
   * @param user the user's name in the story
   * @param type the finding, as in the report
   * @param cells the columns that it concerns
   * @param repair the repair and its time; empty for no repair
   * @param outcome of the user
   */
  record Finding(String user, String type, List<String> cells, String repair, UserOutcome outcome) {

    Finding {
      cells = cells.stream().sorted().toList();
    }

    boolean isRepaired() {
      return outcome == UserOutcome.REPAIRED;
    }

    @Override
    public String toString() {
      return "%s: %s %s, %s, %s"
          .formatted(user, type, cells, repair.isEmpty() ? "no repair" : repair, outcome);
    }
  }

  /**
   * A run of the batch layer.
   *
   * @param command its arguments
   * @param status the expected exit status
   * @param message text that the expected message contains
   * @param haltsAt the fault point at which its process is killed
   * @param failsAt the fault point at which a server does not answer
   * @param pausesAt the fault point at which it waits for {@code meanwhile}
   * @param meanwhile what happens while it waits
   */
  record Run(
      List<String> command,
      int status,
      String message,
      Optional<String> haltsAt,
      Optional<String> failsAt,
      Optional<String> pausesAt,
      Meanwhile meanwhile) {

    Run {
      command = List.copyOf(command);
    }
  }

  /**
   * What happens while a run waits at a fault point.
   *
   * @param events events to record; the speed layer writes them before the run continues
   * @param runs further runs of the batch layer
   */
  record Meanwhile(List<UserEvent> events, List<Run> runs) {

    static final Meanwhile NOTHING = new Meanwhile(List.of(), List.of());

    Meanwhile {
      events = List.copyOf(events);
      runs = List.copyOf(runs);
    }
  }
}
