package io.foldlog.admin.verify;

import io.foldlog.admin.errors.AdminErrors;
import io.foldlog.contract.DecodeResult;
import io.foldlog.contract.DecodeRules;
import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.PipelineException;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserState;
import io.foldlog.log.EventTopic;
import io.foldlog.log.LogOffsets;
import io.foldlog.log.LogRecord;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The fold of the whole log, kept in memory (about 1 KB a user) and taken further as the log grows.
 * For one thread.
 */
public final class LogFold {

  private static final UserState NOBODY = new UserState();

  private final EventTopic log;
  private final EventDecoder decoder;
  private final Map<UUID, UserState> users = new HashMap<>();
  private LogOffsets position;
  private long events;
  private long rejected;

  /** The fold of a log, nothing of which is read yet. */
  public LogFold(EventTopic log, DecodeRules rules) {
    this.log = log;
    this.decoder = rules.newDecoder();
  }

  /**
   * Folds all records up to the log's end as it is now.
   *
   * @return how many records were new
   * @throws PipelineException state mismatch, too, when the log's first records are gone
   */
  public long advance() {
    LogOffsets end = log.endOffsets();
    if (position == null) {
      requireWhole(log.beginningOffsets());
    }
    LogOffsets from = position == null ? new LogOffsets(end.topicId(), new TreeMap<>()) : position;
    long read = log.read(from, end, this::take);
    position = end;
    return read;
  }

  private void requireWhole(LogOffsets beginning) {
    if (beginning.sum() > 0) {
      throw AdminErrors.firstRecordsAreMissing(log.topic(), beginning);
    }
  }

  private void take(LogRecord record) {
    DecodeResult decoded = record.decodedBy(decoder);
    if (decoded instanceof UserEvent event) {
      events++;
      users.computeIfAbsent(event.userId(), id -> new UserState()).apply(event);
    } else {
      rejected++;
    }
  }

  /** All users that events name, deleted ones among them. Not to be changed. */
  public Map<UUID, UserState> users() {
    return users;
  }

  /** The user's state; empty if no event names it. */
  UserState user(UUID userId) {
    return users.getOrDefault(userId, NOBODY);
  }

  /** Up to where the log is folded. */
  LogOffsets position() {
    return position;
  }

  long events() {
    return events;
  }

  long rejected() {
    return rejected;
  }
}
