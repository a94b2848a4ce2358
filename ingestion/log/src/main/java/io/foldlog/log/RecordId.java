package io.foldlog.log;

import java.util.Objects;

/**
 * Identifies a record of the log. The log id is part of it, because a topic that was deleted and
 * created again with the same name is another log, and so is a topic whose content was replaced.
 *
 * @param logId the log
 * @param partition partition number, from 0
 * @param offset offset in the partition, from 0
 */
public record RecordId(LogId logId, int partition, long offset) {

  public RecordId {
    Objects.requireNonNull(logId);
    if (partition < 0 || offset < 0) {
      throw new IllegalArgumentException("Not a record's position: " + partition + "@" + offset);
    }
  }

  /** Log id, partition and offset, such as {@code FQ5rB2oGQk2l0a9Y1Jx2Ww:1:4711}. */
  @Override
  public String toString() {
    return logId + ":" + partition + ":" + offset;
  }
}
