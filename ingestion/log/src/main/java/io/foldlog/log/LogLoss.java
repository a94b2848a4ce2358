package io.foldlog.log;

import java.util.Objects;

/**
 * What a log has lost since a position was stored.
 *
 * @param type what was lost
 * @param partition of the topic
 * @param from the first affected offset
 * @param until the offset after the last affected one
 */
public record LogLoss(Type type, int partition, long from, long until) {

  /** What was lost. */
  public enum Type {
    /** The log begins past the position. */
    UNREAD_RECORDS_DELETED,
    /** The log ends before the position, or ended there once and has other records since. */
    READ_RECORDS_GONE,
    /** Another record has the offset of the last record that was read. */
    LAST_RECORD_REPLACED,
    /** The log holds no record at the offset of the last record that was read. */
    LAST_RECORD_MISSING
  }

  public LogLoss {
    Objects.requireNonNull(type);
  }
}
