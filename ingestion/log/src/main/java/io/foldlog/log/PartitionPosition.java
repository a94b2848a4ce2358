package io.foldlog.log;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Optional;

/**
 * How far a reader has read a partition.
 *
 * @param nextOffset the offset at which to read on. All offsets before it were read, or held no
 *     record.
 * @param leaderEpoch the partition's leader epoch when all offsets before the next one were known
 *     to be in the log; null if the broker reported none
 * @param lastRecord the last record that was read; null if none was read
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PartitionPosition(
    @JsonProperty("next_offset") long nextOffset,
    @JsonProperty("leader_epoch") Integer leaderEpoch,
    @JsonProperty("last_record") LastRecord lastRecord) {

  /**
   * A record that was read.
   *
   * @param offset of the record
   * @param fingerprint of the record: {@link LogRecord#fingerprint()}
   */
  public record LastRecord(
      @JsonProperty("offset") long offset, @JsonProperty("fingerprint") long fingerprint) {}

  public PartitionPosition {
    if (nextOffset < 0 || lastRecord != null && lastRecord.offset() >= nextOffset) {
      throw new IllegalArgumentException(
          "next_offset=%d last_record=%s".formatted(nextOffset, lastRecord));
    }
  }

  /** The last record that was read; empty if none was read. */
  public Optional<LastRecord> last() {
    return Optional.ofNullable(lastRecord);
  }
}
