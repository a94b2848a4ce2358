package io.foldlog.log;

/** Receives every event that Kafka has acknowledged. */
@FunctionalInterface
public interface AckListener {

  /** Ignores all acknowledgements. */
  AckListener NONE = (eventId, partition, offset) -> {};

  /** The topic holds the event at that offset. Called in a thread of Kafka's client. */
  void acknowledged(String eventId, int partition, long offset);
}
