package io.foldlog.contract;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The event types. The wire name is the value of CloudEvents' {@code type}. */
public enum EventType {
  /** A new user with a complete profile. */
  REGISTERED("user.registered.v1"),
  /** Changed fields of a user. */
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

  /** The wire name as the bytes of a cell. The array is shared and must not be modified. */
  byte[] wireBytes() {
    return wireBytes;
  }
}
