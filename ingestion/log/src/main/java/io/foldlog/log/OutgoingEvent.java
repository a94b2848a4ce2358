package io.foldlog.log;

import io.foldlog.contract.EventEncoder;
import io.foldlog.contract.EventType;
import io.foldlog.contract.UserEvent;
import java.util.Objects;

/**
 * An encoded event to record in the log. The arrays are shared and must not be modified.
 *
 * @param id CloudEvents' {@code id}
 * @param type the type of the event
 * @param key the record's key: the user id
 * @param value the record's value: one CloudEvents document
 * @param origin the origin of the event for messages, such as {@code users.jsonl:17}
 */
public record OutgoingEvent(String id, EventType type, byte[] key, byte[] value, String origin) {

  public OutgoingEvent {
    Objects.requireNonNull(id);
    Objects.requireNonNull(type);
    Objects.requireNonNull(key);
    Objects.requireNonNull(value);
    Objects.requireNonNull(origin);
  }

  /** Encodes the event as a CloudEvents document. */
  public static OutgoingEvent of(UserEvent event, String origin) {
    return new OutgoingEvent(
        event.id(), event.type(), EventEncoder.key(event), EventEncoder.value(event), origin);
  }

  /** The size of key and value, in bytes. */
  public int size() {
    return key.length + value.length;
  }

  @Override
  public String toString() {
    return type.wireName() + " " + id + " of " + origin;
  }
}
