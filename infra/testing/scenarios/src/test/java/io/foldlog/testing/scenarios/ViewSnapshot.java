package io.foldlog.testing.scenarios;

import io.foldlog.contract.TestEvents;
import io.foldlog.contract.UserField;
import io.foldlog.view.ViewRow;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * The rows of the view before the batch runs of a cycle. Writetimes are formatted relative to it:
 * {@code at 7} for an event time of a story, {@code raised} for a time that the clock gave.
 *
 * @param micros the instant of the snapshot, in µs since 1970
 * @param rows the rows by user id
 */
record ViewSnapshot(long micros, Map<UUID, ViewRow> rows) {

  private static final long MAX_STORY_TIME = TimeUnit.HOURS.toMicros(1);

  ViewSnapshot {
    rows = Map.copyOf(rows);
  }

  static long now() {
    return TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis());
  }

  /** Formats an event time of a story. */
  static String format(long micros) {
    return "at " + (micros - TestEvents.NOON);
  }

  /**
   * Formats the writetime of a cell. It is raised if it is the cell's writetime in the snapshot, or
   * 1 µs later. If the cell had no value, it is raised if it is later than the snapshot.
   */
  String format(UUID user, UserField field, long written) {
    boolean isStoryTime = Math.abs(written - TestEvents.NOON) < MAX_STORY_TIME;
    return !isStoryTime && isRaised(user, field, written) ? "raised" : format(written);
  }

  private boolean isRaised(UUID user, UserField field, long written) {
    ViewRow row = rows.get(user);
    if (row != null && row.hasValue(field)) {
      long before = row.writetime(field);
      return written == before || written == before + 1;
    }
    return isSince(written);
  }

  /** Whether a time is between the snapshot and now. */
  boolean isSince(long written) {
    return written >= micros && written <= now() + TimeUnit.MILLISECONDS.toMicros(1);
  }
}
