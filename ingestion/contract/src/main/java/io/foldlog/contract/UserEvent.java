package io.foldlog.contract;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.UUID;

/**
 * What happened to one user at one time. Each field is absent (unchanged), cleared or set. A set
 * value is its CQL serialisation, so that comparison, tie-breaking and storage use the same bytes.
 * A deletion has no fields.
 *
 * <p>Immutable. The arrays that {@link #value} returns are shared and must not be modified.
 */
public final class UserEvent implements DecodeResult {

  /** Marks a cleared field. No value has 0 bytes, because blank text is cleared. */
  private static final byte[] CLEARED = new byte[0];

  private final UUID userId;
  private final EventType type;
  private final String id;
  private final String source;
  private final long timeMicros;
  private final int unknownMembers;
  private final byte[][] values;

  /** Takes ownership of the array; the caller must not keep it. */
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
   * Starts to build an event.
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

  /** CloudEvents' {@code source}: where the event was observed. */
  public String source() {
    return source;
  }

  /** When the event happened, in µs since 1970. It is the writetime of all its cells. */
  public long timeMicros() {
    return timeMicros;
  }

  public boolean isDeletion() {
    return type == EventType.DELETED;
  }

  /** The number of document members that this release does not know and ignores. */
  public int unknownMembers() {
    return unknownMembers;
  }

  /** Whether the event leaves the field unchanged. */
  public boolean isAbsent(UserField field) {
    return values[field.ordinal()] == null;
  }

  /** Whether the event clears the field, which writes a tombstone. */
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
        && hasSameValues(event);
  }

  private boolean hasSameValues(UserEvent event) {
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

  /** Identifies the event, without personal data. */
  @Override
  public String toString() {
    return type.wireName() + " " + id + " of " + userId + " at " + timeMicros;
  }

  /** Builds an event. Values are normalised as in decoding. */
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
     * @throws InvalidValueException if the text violates the field's rule
     */
    public Builder text(UserField field, String text) throws InvalidValueException {
      return put(field, CellType.TEXT, CqlCodec.ofText(text));
    }

    /**
     * Sets a timestamp field from RFC 3339 text.
     *
     * @throws InvalidValueException if the text is not such a time
     */
    public Builder timestamp(UserField field, String text) throws InvalidValueException {
      return put(field, CellType.TIMESTAMP, CqlCodec.ofTimestamp(text));
    }

    /**
     * Sets a coordinate from decimal text, e.g. {@code -34.9050}.
     *
     * @throws InvalidValueException if the text is not a number or is outside the field's range
     */
    public Builder decimal(UserField field, String text) throws InvalidValueException {
      return put(field, CellType.DOUBLE, CqlCodec.ofDecimal(field, text));
    }

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

    /** Builds the event. Its id is derived from its content, so the same event has the same id. */
    public UserEvent build() {
      return withId(EventId.of(source, userId, type, timeMicros, values));
    }

    /** Builds the event with the given id. */
    public UserEvent withId(String id) {
      return new UserEvent(userId, type, id, source, timeMicros, 0, values.clone());
    }
  }
}
