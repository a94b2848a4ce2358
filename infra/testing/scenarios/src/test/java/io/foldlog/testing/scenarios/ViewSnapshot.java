package io.foldlog.testing.scenarios;

import io.foldlog.contract.TestEvents;
import io.foldlog.contract.UserField;
import io.foldlog.view.ViewRow;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * The instant before a night's runs of the batch layer, by which the times that they write are
 * told: {@code at 7} of a story, or {@code raised}.
 *
 * @param micros the instant, µs
 * @param rows that showed then
 */
record ViewSnapshot(long micros, Map<UUID, ViewRow> rows) {

  private static final long NEAR = TimeUnit.HOURS.toMicros(1);

  ViewSnapshot {
    rows = Map.copyOf(rows);
  }

  static long now() {
    return TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis());
  }

  /** A time of a story. */
  static String told(long micros) {
    return "at " + (micros - TestEvents.NOON);
  }

  /**
   * When a cell was written. Raised is the time at which it showed before the runs, or the next µs;
   * of a cell that did not show, an instant since.
   */
  String told(UUID user, UserField field, long written) {
    boolean ofStory = Math.abs(written - TestEvents.NOON) < NEAR;
    return !ofStory && isRaised(user, field, written) ? "raised" : told(written);
  }

  private boolean isRaised(UUID user, UserField field, long written) {
    ViewRow row = rows.get(user);
    if (row != null && row.hasValue(field)) {
      long before = row.writetime(field);
      return written == before || written == before + 1;
    }
    return isSince(written);
  }

  /** Whether a time is between this instant and now. */
  boolean isSince(long written) {
    return written >= micros && written <= now() + TimeUnit.MILLISECONDS.toMicros(1);
  }
}
