package io.foldlog.log;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.io.Serializable;
import java.util.Objects;

/**
 * Identifies a log: the topic id of Kafka, and how often an operator has accepted that the content
 * of that topic was replaced, for example after an unclean leader election or a restored disk. A
 * replaced content is another log: its records have other identities, although they have the same
 * offsets.
 *
 * @param topicId Kafka's id of the topic, as text
 * @param replacements how often the content of the topic was replaced
 */
public record LogId(String topicId, int replacements) implements Serializable {

  private static final char SEPARATOR = '#';

  public LogId {
    Objects.requireNonNull(topicId);
    if (topicId.indexOf(SEPARATOR) >= 0 || replacements < 0) {
      throw new IllegalArgumentException(
          "Not a log id: topic_id=%s replacements=%d".formatted(topicId, replacements));
    }
  }

  /** The log of a topic whose content was not replaced. */
  public static LogId of(String topicId) {
    return new LogId(topicId, 0);
  }

  /**
   * Parses the result of {@link #toString}.
   *
   * @throws IllegalArgumentException if the text is not a log id
   */
  @JsonCreator
  public static LogId parse(String text) {
    int separator = text.indexOf(SEPARATOR);
    return separator < 0
        ? of(text)
        : new LogId(text.substring(0, separator), Integer.parseInt(text.substring(separator + 1)));
  }

  /** The log of the same topic after another replacement of its content. */
  public LogId next() {
    return new LogId(topicId, replacements + 1);
  }

  /** The topic id, followed by {@code #n} after n replacements. */
  @Override
  @JsonValue
  public String toString() {
    return replacements == 0 ? topicId : topicId + SEPARATOR + replacements;
  }
}
