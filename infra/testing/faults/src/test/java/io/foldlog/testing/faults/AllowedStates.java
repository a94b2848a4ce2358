package io.foldlog.testing.faults;

import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserField;
import io.foldlog.view.ViewRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The states that the row of one user may have while the speed layer writes the user's events. The
 * events have rising times.
 *
 * <p>Each read must show the fold of a subset of the events, and the subset may only grow:
 *
 * <ul>
 *   <li>The value and the writetime of a cell are those of one event.
 *   <li>A cell without a value was cleared or deleted after it last had one.
 *   <li>An event is visible with all its cells, except those that later events replaced.
 *   <li>The writetime of a cell never decreases.
 * </ul>
 *
 * <p>Thread-safe.
 */
final class AllowedStates {

  private static final long NEVER = Long.MIN_VALUE;

  /** Longer than any event takes from the log to the view. Older replaced events are removed. */
  private static final long MAX_DELAY_MICROS = 120_000_000L;

  private final TreeMap<Long, UserEvent> events = new TreeMap<>();

  /**
   * For each cell: the last writetime read, or the time of the first event that can have removed
   * it.
   */
  private final long[] minTimes = new long[UserField.count()];

  /** The same for the whole row. */
  private long minRowTime = NEVER;

  AllowedStates() {
    Arrays.fill(minTimes, NEVER);
  }

  /** Adds an event. Must be called before the event is recorded. */
  synchronized void add(UserEvent event) {
    events.put(event.timeMicros(), event);
  }

  /** Returns why the events do not explain the row. If they do, the row becomes the lower bound. */
  synchronized Optional<String> violation(Optional<ViewRow> row) {
    List<String> violations = new ArrayList<>();
    if (row.isEmpty()) {
      checkMissingRow(violations);
    } else {
      for (UserField field : UserField.all()) {
        if (row.get().hasValue(field)) {
          checkValue(row.get(), field, violations);
        } else {
          checkMissingValue(row.get(), field, violations);
        }
      }
    }
    removeObsoleteEvents();
    return violations.stream().findFirst();
  }

  private void checkMissingRow(List<String> violations) {
    if (minRowTime != NEVER) {
      Optional<Long> deleted = firstDeletionAfter(minRowTime);
      if (deleted.isEmpty()) {
        violations.add(
            "the row is missing, but no event after %d deletes it".formatted(minRowTime));
        return;
      }
      minRowTime = deleted.get();
      for (int cell = 0; cell < minTimes.length; cell++) {
        minTimes[cell] = Math.max(minTimes[cell], minRowTime);
      }
    }
  }

  private void checkValue(ViewRow row, UserField field, List<String> violations) {
    long time = row.writetime(field);
    UserEvent event = events.get(time);
    if (event == null || event.isDeletion() || event.isAbsent(field) || event.isCleared(field)) {
      violations.add(
          "%s has a value that no event wrote, at %d".formatted(field.columnName(), time));
      return;
    }
    if (!Arrays.equals(event.value(field), row.value(field)) || row.hasTimeToLive(field)) {
      violations.add(
          "%s does not have the value that the event at %d wrote"
              .formatted(field.columnName(), time));
      return;
    }
    if (time < minTimes[field.ordinal()]) {
      violations.add(
          "the writetime of %s decreased from %d to %d"
              .formatted(field.columnName(), minTimes[field.ordinal()], time));
      return;
    }
    minTimes[field.ordinal()] = time;
    minRowTime = Math.max(minRowTime, time);
    checkWholeEvent(row, event, violations);
  }

  /** All other cells of the event must show its values or those of later events. */
  private void checkWholeEvent(ViewRow row, UserEvent event, List<String> violations) {
    long time = event.timeMicros();
    for (UserField other : UserField.all()) {
      if (event.isAbsent(other)) {
        continue;
      }
      boolean isShown = row.hasValue(other) && row.writetime(other) >= time;
      boolean isCleared =
          !row.hasValue(other)
              && events.tailMap(time, true).values().stream()
                  .anyMatch(each -> !each.isDeletion() && each.isCleared(other));
      if (!isShown && !isCleared) {
        violations.add(
            "the event at %d is visible without its %s".formatted(time, other.columnName()));
      }
    }
  }

  private void checkMissingValue(ViewRow row, UserField field, List<String> violations) {
    long minTime = minTimes[field.ordinal()];
    if (minTime == NEVER) {
      return;
    }
    Optional<Long> removed =
        events.tailMap(minTime, true).values().stream()
            .filter(event -> event.isDeletion() || event.isCleared(field))
            .map(UserEvent::timeMicros)
            .findFirst();
    if (removed.isEmpty()) {
      violations.add(
          "%s has no value, but no event after %d removes it"
              .formatted(field.columnName(), minTime));
      return;
    }
    minTimes[field.ordinal()] = removed.get();
  }

  private Optional<Long> firstDeletionAfter(long time) {
    return events.tailMap(time, true).values().stream()
        .filter(UserEvent::isDeletion)
        .map(UserEvent::timeMicros)
        .findFirst();
  }

  /** Removes events that no later read can show and that explain no missing value. */
  private void removeObsoleteEvents() {
    long lowest = Arrays.stream(minTimes).filter(minTime -> minTime != NEVER).min().orElse(NEVER);
    if (lowest != NEVER && !events.isEmpty()) {
      long horizon = events.lastKey() - MAX_DELAY_MICROS;
      events.headMap(Math.min(lowest, horizon), false).clear();
    }
  }
}
