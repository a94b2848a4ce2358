package io.foldlog.batch.lake;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foldlog.contract.EventDecoder;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The metadata of each commit of a lake table (Delta's {@code userMetadata}). It is in the same
 * commit as the rows, so both change atomically.
 *
 * @param run the run that made the commit
 * @param topicId the id of the archived topic; empty before the first archive
 * @param offsets the offsets up to which the table contains the log
 * @param transaction the number of the archive's append, which grows by one
 * @param decodeVersion the decode version of the rows; 0 if they were not decoded
 * @param createTime the treatment of {@code CreateTime} records. Earlier releases did not write it
 *     and rejected them
 * @param gaps records that the table will never contain
 */
public record CommitMetadata(
    @JsonProperty("run") String run,
    @JsonProperty("topic_id") String topicId,
    @JsonProperty("offsets") LakeOffsets offsets,
    @JsonProperty("transaction") long transaction,
    @JsonProperty("decode_version") int decodeVersion,
    @JsonProperty("create_time") EventDecoder.CreateTime createTime,
    @JsonProperty("gaps") List<AcceptedGap> gaps) {

  /** The metadata of a table that does not exist. */
  public static final CommitMetadata NONE = undecoded("", "", LakeOffsets.NONE, 0, List.of());

  private static final ObjectMapper JSON = new ObjectMapper();

  public CommitMetadata {
    Objects.requireNonNull(run);
    Objects.requireNonNull(topicId);
    Objects.requireNonNull(offsets);
    createTime = Objects.requireNonNullElse(createTime, EventDecoder.CreateTime.REJECT);
    gaps = List.copyOf(gaps);
  }

  /** Creates the metadata of a table whose rows are not decoded. */
  public static CommitMetadata undecoded(
      String run, String topicId, LakeOffsets offsets, long transaction, List<AcceptedGap> gaps) {
    return new CommitMetadata(
        run, topicId, offsets, transaction, 0, EventDecoder.CreateTime.REJECT, gaps);
  }

  /**
   * Returns this metadata with the number of an append that was undone. Delta keeps that number.
   */
  public CommitMetadata afterTransaction(long number) {
    return new CommitMetadata(run, topicId, offsets, number, decodeVersion, createTime, gaps);
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
