package io.foldlog.admin.verify;

import io.foldlog.admin.errors.AdminErrors;
import io.foldlog.contract.DecodeResult;
import io.foldlog.contract.DecodeRules;
import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.PipelineException;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserState;
import io.foldlog.log.EndOffsets;
import io.foldlog.log.EventTopic;
import io.foldlog.log.HeldBackRecords;
import io.foldlog.log.LogOffsets;
import io.foldlog.log.LogRecord;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The fold of the whole log. Keeps it in memory (about 1 KB per user) and advances it as the log
 * grows. For one thread.
 */
public final class LogFold {

  private static final UserState NO_EVENTS = new UserState();

  private final EventTopic log;
  private final int decodeVersion;
  private final EventDecoder decoder;
  private final Map<UUID, UserState> users = new HashMap<>();
  private EndOffsets end;
  private long events;
  private long rejected;

  /** Creates a fold of the log. Reads nothing yet. */
  public LogFold(EventTopic log, DecodeRules rules) {
    this.log = log;
    this.decodeVersion = rules.version();
    this.decoder = rules.newDecoder();
  }

  /**
   * Folds all committed records up to the current end of the log.
   *
   * @return the number of new records
   * @throws PipelineException as {@link EventTopic#read} does, and state mismatch when the topic no
   *     longer holds its first records
   */
  public long advance() {
    EndOffsets next = log.end();
    if (end == null) {
      requireComplete(log.beginningOffsets());
    }
    LogOffsets from =
        end == null ? new LogOffsets(next.offsets().logId(), new TreeMap<>()) : end.offsets();
    long read = log.read(from, next.offsets(), this::fold);
    end = next;
    return read;
  }

  private void requireComplete(LogOffsets beginning) {
    if (beginning.sum() > 0) {
      throw AdminErrors.firstRecordsAreMissing(log.topic(), beginning);
    }
  }

  private void fold(LogRecord record) {
    DecodeResult decoded = record.decodeWith(decoder);
    if (decoded instanceof UserEvent event) {
      events++;
      users.computeIfAbsent(event.userId(), id -> new UserState()).apply(event);
    } else {
      rejected++;
    }
  }

  /** All users that events name, including deleted ones. Must not be modified. */
  public Map<UUID, UserState> users() {
    return users;
  }

  /** The user's state; an empty state if no event names the user. */
  UserState user(UUID userId) {
    return users.getOrDefault(userId, NO_EVENTS);
  }

  int decodeVersion() {
    return decodeVersion;
  }

  /** The offsets up to which the log is folded. */
  LogOffsets position() {
    return end.offsets();
  }

  /** The records past {@link #position} that an open transaction holds back. */
  HeldBackRecords heldBack(Instant now) {
    return log.heldBack(end, now);
  }

  long events() {
    return events;
  }

  long rejected() {
    return rejected;
  }
}
