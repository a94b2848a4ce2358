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
 * What a user's row may show while events are written one after another: the fold of some of them,
 * of ever more. So of each cell its value and its time are an event's; a cell that shows nothing
 * was cleared or deleted since it last showed; an event shows as a whole, but for what later ones
 * replaced; and nothing goes back. Of one user, whose events have rising times. Thread-safe.
 */
final class AllowedStates {

  private static final long NEVER = Long.MIN_VALUE;

  /** No event takes this long from the log to the view; what is older and replaced is forgotten. */
  private static final long IN_FLIGHT_MICROS = 120_000_000L;

  private final TreeMap<Long, UserEvent> events = new TreeMap<>();

  /** Of each cell the time of what it last showed, or of what took that away at the earliest. */
  private final long[] floors = new long[UserField.count()];

  /** The same of the row as a whole. */
  private long rowFloor = NEVER;

  AllowedStates() {
    Arrays.fill(floors, NEVER);
  }

  /** To be told before the log is. */
  synchronized void add(UserEvent event) {
    events.put(event.timeMicros(), event);
  }

  /** Why the row cannot be what it shows; empty when it can, which is remembered. */
  synchronized Optional<String> objection(Optional<ViewRow> row) {
    List<String> objections = new ArrayList<>();
    if (row.isEmpty()) {
      requireGone(objections);
    } else {
      for (UserField field : UserField.all()) {
        if (row.get().hasValue(field)) {
          requireWritten(row.get(), field, objections);
        } else {
          requireTakenAway(row.get(), field, objections);
        }
      }
    }
    forget();
    return objections.stream().findFirst();
  }

  private void requireGone(List<String> objections) {
    if (rowFloor != NEVER) {
      Optional<Long> deleted = firstDeletionAfter(rowFloor);
      if (deleted.isEmpty()) {
        objections.add("the row is gone, and no event after %d deletes it".formatted(rowFloor));
        return;
      }
      rowFloor = deleted.get();
      for (int cell = 0; cell < floors.length; cell++) {
        floors[cell] = Math.max(floors[cell], rowFloor);
      }
    }
  }

  private void requireWritten(ViewRow row, UserField field, List<String> objections) {
    long time = row.writetime(field);
    UserEvent event = events.get(time);
    if (event == null || event.isDeletion() || event.isAbsent(field) || event.isCleared(field)) {
      objections.add("%s shows what no event wrote, at %d".formatted(field.columnName(), time));
      return;
    }
    if (!Arrays.equals(event.value(field), row.value(field)) || row.hasTimeToLive(field)) {
      objections.add(
          "%s does not show what the event at %d wrote".formatted(field.columnName(), time));
      return;
    }
    if (time < floors[field.ordinal()]) {
      objections.add(
          "%s went back from %d to %d"
              .formatted(field.columnName(), floors[field.ordinal()], time));
      return;
    }
    floors[field.ordinal()] = time;
    rowFloor = Math.max(rowFloor, time);
    requireWhole(row, event, objections);
  }

  /** What else the event wrote shows too, or something later does. */
  private void requireWhole(ViewRow row, UserEvent event, List<String> objections) {
    long time = event.timeMicros();
    for (UserField other : UserField.all()) {
      if (event.isAbsent(other)) {
        continue;
      }
      boolean shown = row.hasValue(other) && row.writetime(other) >= time;
      boolean cleared =
          !row.hasValue(other)
              && events.tailMap(time, true).values().stream()
                  .anyMatch(each -> !each.isDeletion() && each.isCleared(other));
      if (!shown && !cleared) {
        objections.add("the event at %d shows without its %s".formatted(time, other.columnName()));
      }
    }
  }

  private void requireTakenAway(ViewRow row, UserField field, List<String> objections) {
    long floor = floors[field.ordinal()];
    if (floor == NEVER) {
      return;
    }
    Optional<Long> taken =
        events.tailMap(floor, true).values().stream()
            .filter(event -> event.isDeletion() || event.isCleared(field))
            .map(UserEvent::timeMicros)
            .findFirst();
    if (taken.isEmpty()) {
      objections.add(
          "%s shows nothing, and no event after %d takes it away"
              .formatted(field.columnName(), floor));
      return;
    }
    floors[field.ordinal()] = taken.get();
  }

  private Optional<Long> firstDeletionAfter(long time) {
    return events.tailMap(time, true).values().stream()
        .filter(UserEvent::isDeletion)
        .map(UserEvent::timeMicros)
        .findFirst();
  }

  /** Keeps what may still show, or explain what does not. */
  private void forget() {
    long least = Arrays.stream(floors).filter(floor -> floor != NEVER).min().orElse(NEVER);
    if (least != NEVER && !events.isEmpty()) {
      long old = events.lastKey() - IN_FLIGHT_MICROS;
      events.headMap(Math.min(least, old), false).clear();
    }
  }
}
