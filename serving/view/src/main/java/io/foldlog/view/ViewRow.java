package io.foldlog.view;

import static java.util.Objects.requireNonNull;

import io.foldlog.contract.UserField;
import java.util.UUID;

/**
 * A row of the view: the value (CQL serialisation), writetime and time to live of each cell.
 *
 * <p>Immutable. The arrays that {@link #value} returns are shared and must not be modified.
 */
public final class ViewRow {

  private final UUID id;
  private final byte[][] values;
  private final long[] writetimes;
  private final int[] timesToLive;

  private ViewRow(Builder builder) {
    this.id = builder.id;
    this.values = builder.values;
    this.writetimes = builder.writetimes;
    this.timesToLive = builder.timesToLive;
  }

  /** Starts a row without cells. */
  public static Builder of(UUID id) {
    return new Builder(id);
  }

  public UUID id() {
    return id;
  }

  /** Whether the cell has a value. */
  public boolean hasValue(UserField field) {
    return values[field.ordinal()] != null;
  }

  /**
   * The cell's CQL serialisation.
   *
   * @throws IllegalStateException if it {@linkplain #hasValue has none}
   */
  public byte[] value(UserField field) {
    requireValue(field);
    return values[field.ordinal()];
  }

  /**
   * When the cell was written, in µs since 1970.
   *
   * @throws IllegalStateException if it {@linkplain #hasValue has no value}: a tombstone's time
   *     cannot be read
   */
  public long writetime(UserField field) {
    requireValue(field);
    return writetimes[field.ordinal()];
  }

  /** Whether the cell has a TTL. The pipeline never writes cells with a TTL. */
  public boolean hasTimeToLive(UserField field) {
    return timesToLive[field.ordinal()] > 0;
  }

  /** The seconds until the cell expires; 0 if it never expires. */
  public int timeToLiveSeconds(UserField field) {
    return timesToLive[field.ordinal()];
  }

  private void requireValue(UserField field) {
    if (values[field.ordinal()] == null) {
      throw new IllegalStateException(field.columnName() + " has no value");
    }
  }

  /** Only the id, no personal data. */
  @Override
  public String toString() {
    return "row of user " + id;
  }

  /** Builds a row; may be used once. */
  public static final class Builder {

    private final UUID id;
    private final byte[][] values = new byte[UserField.count()][];
    private final long[] writetimes = new long[UserField.count()];
    private final int[] timesToLive = new int[UserField.count()];

    private Builder(UUID id) {
      this.id = requireNonNull(id);
    }

    /**
     * Adds a cell with a value.
     *
     * @param value the CQL serialisation; the row takes ownership
     * @param writetimeMicros writetime in µs since 1970
     * @param timeToLiveSeconds seconds until the cell expires; 0 for never
     */
    public Builder cell(
        UserField field, byte[] value, long writetimeMicros, int timeToLiveSeconds) {
      int cell = field.ordinal();
      values[cell] = requireNonNull(value);
      writetimes[cell] = writetimeMicros;
      timesToLive[cell] = timeToLiveSeconds;
      return this;
    }

    public ViewRow build() {
      return new ViewRow(this);
    }
  }
}
