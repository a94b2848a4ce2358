package io.foldlog.lake;

import java.util.Objects;

/**
 * A column of a table of the lake. Every column is nullable.
 *
 * @param name the name in the table
 * @param type the type of the values
 */
public record LakeColumn(String name, Type type) {

  /** The Delta type of a column's values. */
  public enum Type {
    STRING,
    INTEGER,
    LONG,
    DOUBLE,
    BOOLEAN,
    BINARY,
    /** Microseconds, UTC. */
    TIMESTAMP,
    /** A day, UTC. */
    DATE,
    /**
     * The headers of a record in order: an array of structs with {@code key} (string) and {@code
     * value} (binary).
     */
    HEADERS
  }

  public LakeColumn {
    Objects.requireNonNull(name);
    Objects.requireNonNull(type);
  }
}
