package io.foldlog.contract;

/** Whose clock a record's timestamp is (Kafka's {@code message.timestamp.type}). */
public enum TimestampSource {
  /** The broker's, when it appended the record. */
  LOG_APPEND_TIME,
  /** The producer's, or none. */
  CREATE_TIME
}
