package io.foldlog.contract;

import java.util.OptionalInt;

/**
 * A record of the log that every reader passes over, because an operator skipped it.
 *
 * @param partition of the log
 * @param offset of the record
 * @param leaderEpoch the partition's leader epoch when the record was skipped. If the broker's end
 *     of that epoch is at or below the offset, another record has the offset now.
 */
public record SkippedRecord(int partition, long offset, OptionalInt leaderEpoch) {

  public SkippedRecord {
    if (partition < 0 || offset < 0) {
      throw new IllegalArgumentException(
          "Not a record's position: partition=%d offset=%d".formatted(partition, offset));
    }
  }
}
