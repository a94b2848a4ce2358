package io.foldlog.batch.lake;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foldlog.contract.DecodeRules;
import io.foldlog.contract.EventDecoder;
import io.foldlog.log.LogId;
import io.foldlog.log.LogPosition;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The metadata of each commit of a lake table (Delta's {@code userMetadata}). It is in the same
 * commit as the rows, so both change atomically.
 *
 * @param run the run that made the commit
 * @param logId the id of the log that is archived now, as text; empty before the first archive
 * @param offsets the offsets up to which the table contains the log
 * @param transaction the number of the archive's append, which grows by one
 * @param decodeVersion the decode version of the rows; 0 if they were not decoded
 * @param createTime the treatment of {@code CreateTime} records. Earlier releases did not write it
 *     and rejected them
 * @param gaps records that the table will never contain
 * @param positions how far the table contains each log, to detect that a log lost records. Earlier
 *     releases did not write them: their archives may contain aborted records
 * @param records of the archive, the number of rows before the append of this commit, or after it
 *     if it is not an append; null in commits of earlier releases and of other tables
 */
public record CommitMetadata(
    @JsonProperty("run") String run,
    @JsonProperty("topic_id") String logId,
    @JsonProperty("offsets") LakeOffsets offsets,
    @JsonProperty("transaction") long transaction,
    @JsonProperty("decode_version") int decodeVersion,
    @JsonProperty("create_time") EventDecoder.CreateTime createTime,
    @JsonProperty("gaps") List<AcceptedGap> gaps,
    @JsonProperty("positions") List<LogPosition> positions,
    @JsonProperty("records") @JsonInclude(JsonInclude.Include.NON_NULL) Long records) {

  /** The metadata of a table that does not exist. */
  public static final CommitMetadata NONE = undecoded("", "", LakeOffsets.NONE, 0, List.of());

  private static final ObjectMapper JSON = new ObjectMapper();

  public CommitMetadata {
    Objects.requireNonNull(run);
    Objects.requireNonNull(logId);
    Objects.requireNonNull(offsets);
    createTime = Objects.requireNonNullElse(createTime, EventDecoder.CreateTime.REJECT);
    gaps = List.copyOf(gaps);
    positions = positions == null ? List.of() : List.copyOf(positions);
  }

  /** Creates the metadata of a table whose rows are not decoded. */
  public static CommitMetadata undecoded(
      String run, String logId, LakeOffsets offsets, long transaction, List<AcceptedGap> gaps) {
    return new CommitMetadata(
        run, logId, offsets, transaction, 0, EventDecoder.CreateTime.REJECT, gaps, List.of(), null);
  }

  /**
   * Creates the metadata of the archive's next append.
   *
   * @param position the position in the log that is archived now; it replaces an earlier one
   * @param records the number of records in the table before the append
   */
  public CommitMetadata archived(
      String run, LogPosition position, List<AcceptedGap> gaps, long records) {
    return new CommitMetadata(
        run,
        position.logId().toString(),
        offsets.with(position.offsets()),
        transaction + 1,
        0,
        EventDecoder.CreateTime.REJECT,
        gaps,
        with(position),
        records);
  }

  /**
   * Creates the metadata of a commit that removed records from the archive.
   *
   * @param position the position after it
   * @param records the number of records in the table after it
   */
  public CommitMetadata corrected(String run, LogPosition position, long records) {
    return new CommitMetadata(
        run,
        logId,
        offsets.with(position.offsets()),
        transaction,
        decodeVersion,
        createTime,
        gaps,
        with(position),
        records);
  }

  private List<LogPosition> with(LogPosition position) {
    List<LogPosition> changed =
        new ArrayList<>(
            positions.stream().filter(each -> !each.logId().equals(position.logId())).toList());
    changed.add(position);
    return changed;
  }

  /** Returns the metadata of a table that contains the fold of this archive. */
  public CommitMetadata folded(String run, DecodeRules rules) {
    return new CommitMetadata(
        run, logId, offsets, 0, rules.version(), rules.createTime(), gaps, positions, null);
  }

  /** The position in that log. Empty if an earlier release has archived it. */
  public Optional<LogPosition> position(LogId log) {
    return positions.stream().filter(each -> each.logId().equals(log)).findFirst();
  }

  /**
   * Whether both tables were archived by a release that reads only committed records, or both by an
   * earlier one. Otherwise archive may have removed records since.
   */
  public boolean hasSameRecordsAs(CommitMetadata other) {
    return positions.isEmpty() == other.positions.isEmpty();
  }

  /**
   * Returns this metadata with the number of an append that was undone. Delta keeps that number.
   */
  public CommitMetadata afterTransaction(long number) {
    return new CommitMetadata(
        run, logId, offsets, number, decodeVersion, createTime, gaps, positions, records);
  }

  /** Returns one line of JSON. */
  public String toJson() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** Parses the result of {@link #toJson}. Empty for a text of another writer. */
  public static Optional<CommitMetadata> parse(String text) {
    try {
      return Optional.of(JSON.readValue(text, CommitMetadata.class));
    } catch (JsonProcessingException otherWriter) {
      return Optional.empty();
    }
  }
}
