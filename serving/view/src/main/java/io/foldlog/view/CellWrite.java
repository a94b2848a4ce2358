package io.foldlog.view;

import static java.util.Objects.requireNonNull;

import io.foldlog.contract.UserField;

/**
 * One cell to write at a time of its own: a value, or a tombstone.
 *
 * <p>The array is neither copied nor to be changed.
 */
public final class CellWrite {

  private final UserField field;
  private final byte[] value;
  private final long timeMicros;

  private CellWrite(UserField field, byte[] value, long timeMicros) {
    this.field = requireNonNull(field);
    this.value = value;
    this.timeMicros = timeMicros;
  }

  /** The value's CQL serialisation at that time, µs. */
  public static CellWrite value(UserField field, byte[] value, long timeMicros) {
    return new CellWrite(field, requireNonNull(value), timeMicros);
  }

  /** A tombstone over the cell at or before that time, µs. */
  public static CellWrite tombstone(UserField field, long timeMicros) {
    return new CellWrite(field, null, timeMicros);
  }

  public UserField field() {
    return field;
  }

  public boolean isTombstone() {
    return value == null;
  }

  /** The value's CQL serialisation; a tombstone has none. */
  public byte[] value() {
    if (value == null) {
      throw new IllegalStateException("A tombstone has no value");
    }
    return value;
  }

  /** µs since 1970. */
  public long timeMicros() {
    return timeMicros;
  }
}
