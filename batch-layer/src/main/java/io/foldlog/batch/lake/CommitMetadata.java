package io.foldlog.batch.lake;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foldlog.contract.EventDecoder;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What every commit of the lake says of itself (Delta's {@code userMetadata}), so that a table and
 * what is known of it change in one step.
 *
 * @param run that made the commit
 * @param topicId the topic that is archived now, or empty text before the first one
 * @param offsets how far the table has come
 * @param transaction the number of the archive's append, growing by one
 * @param decodeVersion what the events were decoded with, or 0 where nothing was
 * @param createTime what was done with records whose timestamp is the producer's; where an earlier
 *     release did not say it, they were rejected
 * @param gaps records that will never be there
 */
public record CommitMetadata(
    @JsonProperty("run") String run,
    @JsonProperty("topic_id") String topicId,
    @JsonProperty("offsets") LakeOffsets offsets,
    @JsonProperty("transaction") long transaction,
    @JsonProperty("decode_version") int decodeVersion,
    @JsonProperty("create_time") EventDecoder.CreateTime createTime,
    @JsonProperty("gaps") List<AcceptedGap> gaps) {

  /** Of a table that does not exist yet. */
  public static final CommitMetadata NONE = undecoded("", "", LakeOffsets.NONE, 0, List.of());

  private static final ObjectMapper JSON = new ObjectMapper();

  public CommitMetadata {
    Objects.requireNonNull(run);
    Objects.requireNonNull(topicId);
    Objects.requireNonNull(offsets);
    createTime = Objects.requireNonNullElse(createTime, EventDecoder.CreateTime.REJECT);
    gaps = List.copyOf(gaps);
  }

  /** Of a table whose rows were not decoded. */
  public static CommitMetadata undecoded(
      String run, String topicId, LakeOffsets offsets, long transaction, List<AcceptedGap> gaps) {
    return new CommitMetadata(
        run, topicId, offsets, transaction, 0, EventDecoder.CreateTime.REJECT, gaps);
  }

  /** The same after an append that was undone: Delta has seen its number all the same. */
  public CommitMetadata afterTransaction(long number) {
    return new CommitMetadata(run, topicId, offsets, number, decodeVersion, createTime, gaps);
  }

  /** As one line of JSON. */
  public String toJson() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** What {@link #toJson} made; empty for text of another's. */
  public static Optional<CommitMetadata> parse(String text) {
    try {
      return Optional.of(JSON.readValue(text, CommitMetadata.class));
    } catch (JsonProcessingException another) {
      return Optional.empty();
    }
  }
}
