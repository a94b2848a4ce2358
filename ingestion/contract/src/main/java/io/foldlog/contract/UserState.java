package io.foldlog.contract;

import java.util.Arrays;

/**
 * The fold of a user's events, by the rules of Cassandra. Each cell has its latest write. A
 * deletion is a tombstone over all cells at or before its time. At equal times a tombstone wins
 * over a value, and between values the larger bytes win (unsigned). Applying events is therefore
 * commutative, associative and idempotent: order, duplicates and splits do not change the result.
 *
 * <p>A mutable accumulator, for one thread.
 */
public final class UserState {

  /** The time of a write or deletion that never happened. It is before every event. */
  public static final long NEVER = Long.MIN_VALUE;

  private static final int CELLS = UserField.count();

  private final byte[][] values = new byte[CELLS][];
  private final long[] times = new long[CELLS];
  private long deletedAt = NEVER;
  private long writtenAt = NEVER;

  /** The state of a user without events. */
  public UserState() {
    Arrays.fill(times, NEVER);
  }

  /** An independent copy of this state. */
  public UserState copy() {
    UserState copy = new UserState();
    copy.merge(this);
    return copy;
  }

  /** Adds an event. */
  public UserState apply(UserEvent event) {
    long time = event.timeMicros();
    if (event.isDeletion()) {
      delete(time);
      return this;
    }
    written(time);
    if (time > deletedAt) {
      for (int cell = 0; cell < CELLS; cell++) {
        UserField field = UserField.all().get(cell);
        if (!event.isAbsent(field)) {
          put(cell, event.isCleared(field) ? null : event.value(field), time);
        }
      }
    }
    return this;
  }

  /** Adds everything that the other state has folded. */
  public UserState merge(UserState other) {
    delete(other.deletedAt);
    written(other.writtenAt);
    for (int cell = 0; cell < CELLS; cell++) {
      if (other.times[cell] > deletedAt) {
        put(cell, other.values[cell], other.times[cell]);
      }
    }
    return this;
  }

  /** Adds a deletion at that time (µs). Drops all cells at or before it. */
  public UserState delete(long timeMicros) {
    if (timeMicros > deletedAt) {
      deletedAt = timeMicros;
      for (int cell = 0; cell < CELLS; cell++) {
        if (times[cell] <= deletedAt) {
          times[cell] = NEVER;
          values[cell] = null;
        }
      }
    }
    return this;
  }

  /** Adds a write at that time (µs) that sets no cell. */
  public UserState written(long timeMicros) {
    writtenAt = Math.max(writtenAt, timeMicros);
    return this;
  }

  /** Adds a cell of a value (its CQL serialisation) written at that time (µs). */
  public UserState set(UserField field, byte[] value, long timeMicros) {
    if (timeMicros > deletedAt) {
      put(field.ordinal(), value.clone(), timeMicros);
    }
    return this;
  }

  /** Adds a cell cleared at that time (µs). */
  public UserState clear(UserField field, long timeMicros) {
    if (timeMicros > deletedAt) {
      put(field.ordinal(), null, timeMicros);
    }
    return this;
  }

  private void put(int cell, byte[] value, long time) {
    if (time > times[cell] || (time == times[cell] && wins(value, values[cell]))) {
      times[cell] = time;
      values[cell] = value;
    }
  }

  /** Cassandra's rule for equal times. Null is a tombstone. */
  private static boolean wins(byte[] value, byte[] current) {
    return current != null && (value == null || Arrays.compareUnsigned(value, current) > 0);
  }

  /** Whether the user is live: the latest write is later than the latest deletion. */
  public boolean isLive() {
    return writtenAt > deletedAt;
  }

  /** Whether the user has no events. */
  public boolean isEmpty() {
    return writtenAt == NEVER && deletedAt == NEVER;
  }

  /** The latest deletion, µs, or {@link #NEVER}. */
  public long deletedAt() {
    return deletedAt;
  }

  /** The latest write, µs, or {@link #NEVER}. */
  public long writtenAt() {
    return writtenAt;
  }

  /**
   * When the cell was written or cleared, in µs; {@link #NEVER} if it never was or a deletion
   * dropped it.
   */
  public long time(UserField field) {
    return times[field.ordinal()];
  }

  /** Whether the cell has a value. */
  public boolean hasValue(UserField field) {
    return values[field.ordinal()] != null;
  }

  /**
   * The cell's CQL serialisation. The array is shared and must not be modified.
   *
   * @throws IllegalStateException if it {@linkplain #hasValue has none}
   */
  public byte[] value(UserField field) {
    byte[] value = values[field.ordinal()];
    if (value == null) {
      throw new IllegalStateException(field.columnName() + " has no value");
    }
    return value;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof UserState state
        && deletedAt == state.deletedAt
        && writtenAt == state.writtenAt
        && Arrays.equals(times, state.times)
        && Arrays.deepEquals(values, state.values);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(times) + Arrays.deepHashCode(values);
  }

  /** Prints only times, no personal data. */
  @Override
  public String toString() {
    return "written "
        + writtenAt
        + ", deleted "
        + deletedAt
        + ", cells at "
        + Arrays.toString(times);
  }
}
