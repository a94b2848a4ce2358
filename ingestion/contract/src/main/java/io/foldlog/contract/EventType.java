package io.foldlog.contract;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The types of event, by their name in CloudEvents' {@code type}. */
public enum EventType {
  /** A whole profile. */
  REGISTERED("user.registered.v1"),
  /** What changed. */
  UPDATED("user.updated.v1"),
  /** The user is gone; carries no data. */
  DELETED("user.deleted.v1");

  private final String wireName;
  private final byte[] wireBytes;

  EventType(String wireName) {
    this.wireName = wireName;
    this.wireBytes = wireName.getBytes(StandardCharsets.UTF_8);
  }

  static Optional<EventType> ofWireName(String wireName) {
    for (EventType type : values()) {
      if (type.wireName.equals(wireName)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  public String wireName() {
    return wireName;
  }

  /** The {@code $id} of the JSON Schema file of this type and version. */
  public String dataSchema() {
    return "urn:foldlog:schema:" + wireName;
  }

  /** The name as a cell's bytes; shared, so never to be written to. */
  byte[] wireBytes() {
    return wireBytes;
  }
}
