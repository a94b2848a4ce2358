package io.foldlog.batch.reconcile;

import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserField;
import io.foldlog.contract.UserState;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** What the log says of a user: what was folded, and the events past it. */
public final class LogState {

  private final UserState folded;
  private final List<UserEvent> past;
  private final UserState reached;

  /**
   * The log's word.
   *
   * @param folded the fold up to F; not to be changed any more
   * @param past the user's events past F, in any order
   */
  public LogState(UserState folded, List<UserEvent> past) {
    this.folded = Objects.requireNonNull(folded);
    this.past = List.copyOf(past);
    this.reached = folded.copy();
    past.forEach(reached::apply);
  }

  /** The fold up to F. */
  UserState folded() {
    return folded;
  }

  /** The fold up to the log's end. */
  UserState reached() {
    return reached;
  }

  /** Whether no event is of this user. */
  boolean isUnknown() {
    return reached.isEmpty();
  }

  /** Whether an event past F wrote that very cell. */
  boolean pastWrote(UserField field, byte[] value, long micros) {
    return past.stream()
        .anyMatch(
            event ->
                event.timeMicros() == micros
                    && event.isSet(field)
                    && Arrays.equals(event.value(field), value));
  }

  /** Whether an event past F took away a cell of that time. */
  boolean pastRemoved(UserField field, long micros) {
    return past.stream()
        .anyMatch(
            event ->
                event.timeMicros() >= micros && (event.isDeletion() || event.isCleared(field)));
  }

  /** Whether an event past F could make the row show. */
  boolean pastWroteRow() {
    return past.stream().anyMatch(event -> !event.isDeletion());
  }

  /** Whether the log's own cell, once written, replaces that one. */
  boolean willReplace(UserField field, byte[] value, long micros) {
    if (reached.deletedAt() >= micros) {
      return true;
    }
    long time = reached.time(field);
    return time > micros
        || (time == micros
            && (!reached.hasValue(field)
                || Arrays.compareUnsigned(reached.value(field), value) > 0));
  }
}
