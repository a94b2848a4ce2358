package io.foldlog.log;

/** Receives every event that the log has acknowledged. */
@FunctionalInterface
public interface AckListener {

  /** Ignores them. */
  AckListener NONE = (eventId, partition, offset) -> {};

  /** The log holds the event at that offset. Called in the Kafka client's thread. */
  void acknowledged(String eventId, int partition, long offset);
}
