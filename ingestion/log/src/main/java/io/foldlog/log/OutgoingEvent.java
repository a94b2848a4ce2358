package io.foldlog.log;

import io.foldlog.contract.EventEncoder;
import io.foldlog.contract.EventType;
import io.foldlog.contract.UserEvent;
import java.util.Objects;

/**
 * An event as it goes to the log. The arrays are shared, never to be written to.
 *
 * @param id CloudEvents' {@code id}
 * @param type of the event
 * @param key the record's key: the user id
 * @param value the record's value: one CloudEvents document
 * @param origin where it comes from, for messages, as in {@code users.jsonl:17}
 */
public record OutgoingEvent(String id, EventType type, byte[] key, byte[] value, String origin) {

  public OutgoingEvent {
    Objects.requireNonNull(id);
    Objects.requireNonNull(type);
    Objects.requireNonNull(key);
    Objects.requireNonNull(value);
    Objects.requireNonNull(origin);
  }

  /** Encoded as a CloudEvents document. */
  public static OutgoingEvent of(UserEvent event, String origin) {
    return new OutgoingEvent(
        event.id(), event.type(), EventEncoder.key(event), EventEncoder.value(event), origin);
  }

  /** Of key and value, in bytes. */
  public int size() {
    return key.length + value.length;
  }

  @Override
  public String toString() {
    return type.wireName() + " " + id + " of " + origin;
  }
}
