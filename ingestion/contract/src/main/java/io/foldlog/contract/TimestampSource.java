package io.foldlog.contract;

/** The clock that set a record's timestamp (Kafka's {@code message.timestamp.type}). */
public enum TimestampSource {
  /** The broker's clock, when it appended the record. */
  LOG_APPEND_TIME,
  /** The producer's clock, or the record has no timestamp. */
  CREATE_TIME
}
