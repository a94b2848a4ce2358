package io.foldlog.batch.reconcile;

/**
 * The times that events of records which the archive will never hold can have.
 *
 * @param afterMicros past the last record archived before the gap
 * @param untilMicros up to what the first one archived after it allows, or {@link Long#MAX_VALUE}
 */
public record GapWindow(long afterMicros, long untilMicros) {

  boolean holds(long micros) {
    return micros > afterMicros && micros <= untilMicros;
  }

  /** Whether an event of the gap could lie over a cell of that time. */
  boolean canCover(long micros) {
    return untilMicros >= micros;
  }
}
