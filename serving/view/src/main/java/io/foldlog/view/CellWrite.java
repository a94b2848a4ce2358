package io.foldlog.view;

import static java.util.Objects.requireNonNull;

import io.foldlog.contract.UserField;

/**
 * One cell to write with its own writetime: a value or a tombstone.
 *
 * <p>The array is not copied and must not be modified.
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

  /** A value, as its CQL serialisation, with a writetime in µs. */
  public static CellWrite value(UserField field, byte[] value, long timeMicros) {
    return new CellWrite(field, requireNonNull(value), timeMicros);
  }

  /** A tombstone over the cell at or before that time, in µs. */
  public static CellWrite tombstone(UserField field, long timeMicros) {
    return new CellWrite(field, null, timeMicros);
  }

  public UserField field() {
    return field;
  }

  public boolean isTombstone() {
    return value == null;
  }

  /** The value's CQL serialisation. */
  public byte[] value() {
    if (value == null) {
      throw new IllegalStateException("A tombstone has no value");
    }
    return value;
  }

  /** The writetime in µs since 1970. */
  public long timeMicros() {
    return timeMicros;
  }
}
