package io.foldlog.contract;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.UUID;

/**
 * One event: what was recorded of a user at a time. Each field of it is absent (unchanged), cleared
 * or set; a set value is its CQL serialisation, so that comparing, tie-breaking and storing use the
 * same bytes. A deletion has no fields.
 *
 * <p>Immutable; the arrays that {@link #value} hands out are shared and must not be written to.
 */
public final class UserEvent implements DecodeResult {

  /** Marks a cleared field; no value is of no bytes, since blank text is cleared. */
  private static final byte[] CLEARED = new byte[0];

  private final UUID userId;
  private final EventType type;
  private final String id;
  private final String source;
  private final long timeMicros;
  private final int unknownMembers;
  private final byte[][] values;

  /** Takes the array over: nobody else may keep it. */
  UserEvent(
      UUID userId,
      EventType type,
      String id,
      String source,
      long timeMicros,
      int unknownMembers,
      byte[][] values) {
    this.userId = userId;
    this.type = type;
    this.id = id;
    this.source = source;
    this.timeMicros = timeMicros;
    this.unknownMembers = unknownMembers;
    this.values = values;
    if (type != EventType.DELETED) {
      values[UserField.LAST_EVENT_ID.ordinal()] = id.getBytes(StandardCharsets.UTF_8);
      values[UserField.LAST_EVENT_TYPE.ordinal()] = type.wireBytes();
      values[UserField.LAST_EVENT_TIME.ordinal()] = CqlCodec.ofLong(timeMicros);
    }
  }

  /**
   * Starts an event that happened to a user.
   *
   * @param timeMicros µs since 1970
   */
  public static Builder of(EventType type, UUID userId, String source, long timeMicros) {
    return new Builder(type, userId, source, timeMicros);
  }

  static byte[] cleared() {
    return CLEARED;
  }

  static boolean isCleared(byte[] value) {
    return value == CLEARED;
  }

  public UUID userId() {
    return userId;
  }

  public EventType type() {
    return type;
  }

  /** CloudEvents' {@code id}. */
  public String id() {
    return id;
  }

  /** CloudEvents' {@code source}: where it was observed. */
  public String source() {
    return source;
  }

  /** When it was recorded, µs since 1970: the writetime of all its cells. */
  public long timeMicros() {
    return timeMicros;
  }

  public boolean isDeletion() {
    return type == EventType.DELETED;
  }

  /** How many members of the document this version does not know, and ignored. */
  public int unknownMembers() {
    return unknownMembers;
  }

  /** Whether the event says nothing of the field: it stays as it is. */
  public boolean isAbsent(UserField field) {
    return values[field.ordinal()] == null;
  }

  /** Whether the event clears the field: a tombstone. */
  public boolean isCleared(UserField field) {
    return values[field.ordinal()] == CLEARED;
  }

  /** Whether the event sets the field to a {@link #value}. */
  public boolean isSet(UserField field) {
    byte[] value = values[field.ordinal()];
    return value != null && value != CLEARED;
  }

  /**
   * The field's CQL serialisation.
   *
   * @throws IllegalStateException unless the event sets the field
   */
  public byte[] value(UserField field) {
    if (!isSet(field)) {
      throw new IllegalStateException(field.columnName() + " is not set by this event");
    }
    return values[field.ordinal()];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof UserEvent event
        && userId.equals(event.userId)
        && type == event.type
        && id.equals(event.id)
        && source.equals(event.source)
        && timeMicros == event.timeMicros
        && sameValues(event);
  }

  private boolean sameValues(UserEvent event) {
    for (UserField field : UserField.all()) {
      if (isCleared(field) != event.isCleared(field)
          || !Arrays.equals(values[field.ordinal()], event.values[field.ordinal()])) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int hashCode() {
    return Objects.hash(userId, type, id, timeMicros);
  }

  /** Names the event, without the user's data. */
  @Override
  public String toString() {
    return type.wireName() + " " + id + " of " + userId + " at " + timeMicros;
  }

  /** Collects an event's fields; values are normalised as decoding normalises them. */
  public static final class Builder {

    private final EventType type;
    private final UUID userId;
    private final String source;
    private final long timeMicros;
    private final byte[][] values = new byte[UserField.count()][];

    private Builder(EventType type, UUID userId, String source, long timeMicros) {
      this.type = Objects.requireNonNull(type);
      this.userId = Objects.requireNonNull(userId);
      this.source = Objects.requireNonNull(source);
      this.timeMicros = timeMicros;
    }

    /**
     * Sets a text field; blank text clears it.
     *
     * @throws InvalidValueException if the text breaks the field's rule
     */
    public Builder text(UserField field, String text) throws InvalidValueException {
      return put(field, CellType.TEXT, CqlCodec.ofText(text));
    }

    /**
     * Sets a timestamp field from RFC 3339 text.
     *
     * @throws InvalidValueException if the text is no such time
     */
    public Builder timestamp(UserField field, String text) throws InvalidValueException {
      return put(field, CellType.TIMESTAMP, CqlCodec.ofTimestamp(text));
    }

    /**
     * Sets a coordinate from decimal text, e.g. {@code -34.9050}.
     *
     * @throws InvalidValueException if the text is no number or out of the field's range
     */
    public Builder decimal(UserField field, String text) throws InvalidValueException {
      return put(field, CellType.DOUBLE, CqlCodec.ofDecimal(field, text));
    }

    /** Clears a field. */
    public Builder cleared(UserField field) {
      return put(field, field.type(), CLEARED);
    }

    private Builder put(UserField field, CellType expected, byte[] value) {
      if (!field.isData() || field.type() != expected) {
        throw new IllegalArgumentException(field.columnName() + " takes no " + expected);
      }
      if (type == EventType.DELETED) {
        throw new IllegalArgumentException("A deletion carries no data");
      }
      values[field.ordinal()] = value;
      return this;
    }

    /** The event, its id derived from what it says, so that the same event has the same id. */
    public UserEvent build() {
      return withId(EventId.of(source, userId, type, timeMicros, values));
    }

    /** The event under an id of the caller's. */
    public UserEvent withId(String id) {
      return new UserEvent(userId, type, id, source, timeMicros, 0, values.clone());
    }
  }
}
