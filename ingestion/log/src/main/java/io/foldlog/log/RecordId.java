package io.foldlog.log;

import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Identifies a record of the log. The log id is part of it, because a topic that was deleted and
 * created again with the same name is another log, and so is a topic whose content was replaced.
 *
 * @param logId the log
 * @param partition partition number, from 0
 * @param offset offset in the partition, from 0
 */
public record RecordId(LogId logId, int partition, long offset) {

  private static final Pattern TEXT =
      Pattern.compile("([A-Za-z0-9_-]+(?:#[0-9]{1,9})?):([0-9]{1,9}):([0-9]{1,18})");

  public RecordId {
    Objects.requireNonNull(logId);
    if (partition < 0 || offset < 0) {
      throw new IllegalArgumentException("Not a record's position: " + partition + "@" + offset);
    }
  }

  /** Parses the result of {@link #toString}; empty if the text is not a record id. */
  public static Optional<RecordId> parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    return matcher.matches()
        ? Optional.of(
            new RecordId(
                LogId.parse(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                Long.parseLong(matcher.group(3))))
        : Optional.empty();
  }

  /** Log id, partition and offset, such as {@code FQ5rB2oGQk2l0a9Y1Jx2Ww:1:4711}. */
  @Override
  public String toString() {
    return logId + ":" + partition + ":" + offset;
  }
}
