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
 * What a {@code story.conf} tells: what happens to some users night by night, and what has to come
 * of it.
 *
 * @param name of its folder
 * @param users by the names that the story calls them
 * @param nights one after another
 */
record Story(String name, Set<String> users, List<Night> nights) {

  Story {
    users = Set.copyOf(users);
    nights = List.copyOf(nights);
  }

  /** The id of a user of that name in that story. */
  static UUID user(String story, String name) {
    return UUID.nameUUIDFromBytes((story + "/" + name).getBytes(StandardCharsets.UTF_8));
  }

  UUID user(String user) {
    return user(name, user);
  }

  /** Whether the batch layer does in it what it does not do in the others. */
  boolean isLivedAlone() {
    return nights.stream().anyMatch(night -> !night.runs().isEmpty());
  }

  /** The night of that number, from 0: after the last one nothing happens any more. */
  Night night(int number) {
    return number < nights.size()
        ? nights.get(number)
        : Night.quiet(nights.get(nights.size() - 1).rows());
  }

  /** Every event that it records, at whatever point. */
  Stream<UserEvent> events() {
    return nights.stream()
        .flatMap(
            night ->
                Stream.concat(
                    night.events().stream(),
                    night.runs().stream().flatMap(run -> run.meanwhile().events().stream())));
  }

  /** The folder's name. */
  @Override
  public String toString() {
    return name;
  }

  /**
   * A night, in this order.
   *
   * @param events that are recorded, and that the speed layer writes
   * @param damage that is done then, step by step
   * @param runs of the batch layer; none for one that is shared with other stories
   * @param findings that its reports have to name, of the story's users
   * @param everybodyElse the finding that they name of all other users who show, if they do
   * @param rows that have to show then
   */
  record Night(
      List<UserEvent> events,
      List<String> damage,
      List<Run> runs,
      List<Finding> findings,
      Optional<String> everybodyElse,
      Map<String, String> rows) {

    Night {
      events = List.copyOf(events);
      damage = List.copyOf(damage);
      runs = List.copyOf(runs);
      findings = List.copyOf(findings);
      rows = Map.copyOf(rows);
    }

    static Night quiet(Map<String, String> rows) {
      return new Night(List.of(), List.of(), List.of(), List.of(), Optional.empty(), rows);
    }
  }

  /**
   * A detail of a report.
   *
   * @param user as the story calls them
   * @param what found, in which cells
   * @param repair and when, or empty text
   * @param outcome of the user
   */
  record Finding(String user, String what, List<String> cells, String repair, UserOutcome outcome) {

    Finding {
      cells = cells.stream().sorted().toList();
    }

    boolean isRepaired() {
      return outcome == UserOutcome.REPAIRED;
    }

    @Override
    public String toString() {
      return "%s: %s %s, %s, %s"
          .formatted(user, what, cells, repair.isEmpty() ? "no repair" : repair, outcome);
    }
  }

  /**
   * A run of the batch layer.
   *
   * @param command its arguments
   * @param status that it has to end with
   * @param says words of the sentence that it then ends with
   * @param diesAt the fault point where its process is killed, if it is
   * @param failsAt the fault point where a server does not answer, if one does not
   * @param pausesAt the fault point where it waits, if it does
   * @param meanwhile what happens while it waits
   */
  record Run(
      List<String> command,
      int status,
      String says,
      Optional<String> diesAt,
      Optional<String> failsAt,
      Optional<String> pausesAt,
      Meanwhile meanwhile) {

    Run {
      command = List.copyOf(command);
    }
  }

  /**
   * What happens while a run waits.
   *
   * @param events that are recorded, and that the speed layer writes
   * @param runs of the batch layer beside the one that waits
   */
  record Meanwhile(List<UserEvent> events, List<Run> runs) {

    static final Meanwhile NOTHING = new Meanwhile(List.of(), List.of());

    Meanwhile {
      events = List.copyOf(events);
      runs = List.copyOf(runs);
    }
  }
}
